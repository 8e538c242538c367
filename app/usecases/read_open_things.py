"""What waits for an answer, and how many days are left for it (GDPR Art. 12(3))."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.domain.calendar import midnight
from app.domain.deadlines import NOBODY, Open, OpenPlace, begun_before, days_left, due_on
from app.storage.open_things import open_things
from app.storage.units import ReadUnit

FIRST = OpenPlace(datetime.fromisoformat("0001-01-02T00:00:00+00:00"), "", UUID(int=0))
"""Before everything."""


@dataclass(frozen=True, slots=True)
class OpenThing:
    """One thing that is open. `controller_id` is whose answer it waits for; None for the registry's."""

    place: OpenPlace
    kind: Open
    begun_at: datetime
    due_on: date
    days_left: int
    agent_id: UUID | None
    controller_id: UUID | None


async def read_open_things(
    unit: ReadUnit, now: datetime, after: OpenPlace, limit: int, last: date | None = None
) -> list[OpenThing]:
    """What is open, the oldest first; with `last` only what is due by that day."""
    before = now if last is None else midnight(begun_before(last))
    return [
        OpenThing(
            OpenPlace(row.at, row.kind, row.id, row.controller_id or NOBODY),
            Open(row.kind),
            row.at,
            due_on(row.at),
            days_left(row.at, now),
            row.agent_id,
            row.controller_id,
        )
        for row in await open_things(unit, after, before, limit)
    ]
