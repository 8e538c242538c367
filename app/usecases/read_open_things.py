"""What waits for an answer, and how many days are left for it (GDPR Art. 12(3))."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.calendar import midnight
from app.domain.deadlines import NOBODY, Open, OpenPlace, begun_before, days_left, due_on
from app.storage.figures import party_names
from app.storage.open_things import open_things
from app.storage.units import ReadUnit

SOON: Final = 7
"""Days in which something ought to be settled before it is late."""

MOST: Final = 1000
"""Nobody counts further than this while a person waits for a page."""

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


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """How many things are open, how many of them are due in a week and how many are overdue, and the nearest
    day; MOST + 1 means more."""

    open: int
    soon: int
    over: int
    nearest: date | None


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


async def count_open_things(unit: ReadUnit, now: datetime) -> OpenCounts:
    """What the list holds. It begins with what is due first, so that a long one has the pressing things."""
    found = await read_open_things(unit, now, FIRST, MOST + 1)
    soon = sum(one.days_left <= SOON for one in found)
    over = sum(one.days_left < 0 for one in found)
    return OpenCounts(len(found), soon, over, found[0].due_on if found else None)


async def names_in(unit: ReadUnit, things: Iterable[OpenThing]) -> dict[UUID, str]:
    """What the agents and controllers of these things are called."""
    ids = {one for thing in things for one in (thing.agent_id, thing.controller_id) if one is not None}
    return await party_names(unit, list(ids))


def due_within(now: datetime, days: int) -> date:
    """The last day of a list of what is due in so many days; -1 for what is overdue."""
    return now.date() + timedelta(days=days)
