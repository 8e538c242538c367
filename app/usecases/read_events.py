"""What happened to one thing, oldest first: kinds, times and codes, without any identifier."""

from uuid import UUID

from app.domain.refusals import Refusal, RefusedError
from app.storage.events import events_of
from app.storage.objections import objection_row
from app.storage.units import ReadUnit, Rows
from app.usecases.act import Act
from app.usecases.objection_view import may_see


async def read_objection_events(
    unit: ReadUnit, act: Act, objection_id: UUID, after: UUID, limit: int
) -> Rows:
    """The events of an objection, for who may see it; NOT_FOUND for another party's as for none."""
    row = await objection_row(unit, objection_id)
    if row is None or not may_see(act, row):
        raise RefusedError(Refusal.NOT_FOUND)
    return await events_of(unit, objection_id, after, limit)
