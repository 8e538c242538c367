"""An admin or auditor goes through the controllers."""

from uuid import UUID

from app.domain.parties import Controller
from app.storage.controllers import page_of_controllers
from app.storage.units import ReadUnit


async def list_controllers(unit: ReadUnit, after: UUID | None, limit: int) -> tuple[list[Controller], bool]:
    """The next page in strict order of ids, and whether there is more behind it."""
    found = await page_of_controllers(unit, after or UUID(int=0), limit + 1)
    return found[:limit], len(found) > limit
