"""The changes of a controller: its own list and that of all controllers, as one feed without a gap.

In each list the order is that of the versions, which is that of the commits. Between the lists it is that of
the times, as far as both have come: what is written later with an earlier time comes when it comes. A version
is given whole before the other list goes on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.change import Change, change_of
from app.domain.parties import ALL_CONTROLLERS, Caller, entitled
from app.domain.refusals import Refusal, RefusedError
from app.storage.changes import Found, Place, changes_after, events_at
from app.storage.entries import Entries
from app.storage.lookups import Lists, find_entries, open_lists
from app.storage.units import ReadUnit
from app.storage.versions import AsOf
from app.usecases.change_positions import ChangePosition, change_id
from app.usecases.entry_view import EntryView, entry_views


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change. `entry` is the entry as it stands now; `channels` and `purposes` are what is concerned of
    its scope. `own`: it was told to the controller itself, which therefore may see the identifier."""

    id: UUID
    change: Change
    at: datetime
    as_of: str
    entry: EntryView
    channels: int
    purposes: int
    own: bool


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Some changes and the position after them; `more` when there are others already. `reached` are the
    versions up to which everything was looked through."""

    items: Sequence[ChangeView]
    position: ChangePosition
    token: str
    more: bool
    reached: AsOf


async def read_changes(
    unit: ReadUnit, caller: Caller, controller_id: UUID, after: ChangePosition, limit: int, key: bytes
) -> ChangesPage:
    """The next changes after a position. Refused with AUTH_CONTROLLER, or with UNKNOWN_POSITION when nobody
    here can have given the position. UnavailableError when rows may be hidden (R03)."""
    number = entitled(caller, controller_id)
    lists = await open_lists(unit, number, None)
    await find_entries(unit, lists, b"")
    events = await _events(unit, lists, after, key)
    sides = [
        _Side(one, place, await _found(unit, lists, one, place, limit))
        for one, place in ((number, after.own), (ALL_CONTROLLERS, after.everybody))
    ]
    steps = _merged(sides, limit)
    for side in sides:
        side.finish()
    end = ChangePosition(sides[0].place, sides[1].place)
    events |= {(side.number, row.version): row.event_id for side in sides for row in side.found.rows}
    events |= await events_at(unit, {side.number: [side.place.version] for side in sides})
    views = await _entries(unit, steps)
    items = [_view(step, views, lists, (key, number), events) for step in steps]
    more = end.own < Place(lists.as_of.controller) or end.everybody < Place(lists.as_of.everybody)
    token = end.token(key, number, events)
    return ChangesPage(items, end, token, more, end.as_of)


async def _events(
    unit: ReadUnit, lists: Lists, after: ChangePosition, key: bytes
) -> dict[tuple[int, int], UUID]:
    """The events behind a position that was handed back. It has to be one of this history."""
    if not lists.as_of.reaches(after.as_of):
        raise RefusedError(Refusal.UNKNOWN_POSITION)
    number = lists.controller_no
    events = await events_at(unit, {number: [after.own.version], ALL_CONTROLLERS: [after.everybody.version]})
    if not after.genuine(key, number, events):
        raise RefusedError(Refusal.UNKNOWN_POSITION)
    return events


async def _found(unit: ReadUnit, lists: Lists, number: int, place: Place, limit: int) -> Found:
    """One more than asked for, to see whether a version ends with a page."""
    top, _ = lists.heads[number]
    return await changes_after(unit, number, place, top, limit + 1, lists.profile.policy)


@dataclass(slots=True)
class _Side:
    """One list while its changes are taken: `place` is after the last one taken."""

    number: int
    place: Place
    found: Found
    taken: int = field(default=0)

    def __post_init__(self) -> None:
        self._close()

    @property
    def next(self) -> Any:
        rows = self.found.rows
        return rows[self.taken] if self.taken < len(rows) else None

    def take(self) -> Any:
        row = self.next
        self.taken += 1
        self.place = Place.of(row)
        self._close()
        return row

    def _close(self) -> None:
        """A version of which nothing is left is whole."""
        if not self.place.whole and (self.next is None or self.next.version != self.place.version):
            self.place = Place(self.place.version)

    def finish(self) -> None:
        """When all that was found is taken, everything that was looked through lies behind."""
        if self.next is None:
            self.place = max(self.place, Place(self.found.complete))


@dataclass(frozen=True, slots=True)
class _Step:
    """A change taken from a list, and the position after it."""

    row: Any
    position: ChangePosition
    number: int


def _merged(sides: Sequence[_Side], limit: int) -> list[_Step]:
    steps: list[_Step] = []
    own, everybody = sides
    while len(steps) < limit:
        begun = [side for side in sides if not side.place.whole]
        side = min(begun or [side for side in sides if side.next], key=lambda one: one.next.at, default=None)
        if side is None:
            break
        row = side.take()
        steps.append(_Step(row, ChangePosition(own.place, everybody.place), side.number))
    return steps


async def _entries(
    unit: ReadUnit, steps: Sequence[_Step]
) -> Mapping[tuple[int, UUID], tuple[EntryView, Any]]:
    """The entries of these changes as they stand, by list and id, with their rows."""
    wanted: dict[int, set[UUID]] = {}
    for step in steps:
        wanted.setdefault(step.row.home, set()).add(step.row.entry_id)
    rows = [row for home, ids in wanted.items() for row in await Entries(unit, home).find_all(ids)]
    views = await entry_views(unit, rows)
    return {(row.controller_no, row.id): (view, row) for row, view in zip(rows, views, strict=True)}


def _view(
    step: _Step,
    views: Mapping[tuple[int, UUID], tuple[EntryView, Any]],
    lists: Lists,
    told_to: tuple[bytes, int],
    events: Mapping[tuple[int, int], UUID],
) -> ChangeView:
    row = step.row
    key, number = told_to
    view, stored = views[row.home, row.entry_id]
    return ChangeView(
        id=change_id(key, number, step.number, Place.of(row)),
        change=change_of(row.word, stored.level, lists.profile.policy.minimum_level),
        at=row.at,
        as_of=step.position.token(key, number, events),
        entry=view,
        channels=view.channels if row.channels is None else row.channels,
        purposes=view.purposes if row.purposes is None else row.purposes,
        own=row.home == number and stored.objection_id is None,
    )
