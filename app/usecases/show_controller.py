"""An admin or auditor looks at one controller."""

from uuid import UUID

from app.domain.parties import Controller
from app.domain.refusals import Refusal, RefusedError
from app.storage.controllers import find_controller
from app.storage.units import ReadUnit


async def show_controller(unit: ReadUnit, controller_id: UUID) -> Controller:
    """The controller with the policy in force. Refused with NOT_FOUND."""
    controller = await find_controller(unit, controller_id)
    if controller is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return controller
