"""An entry as its own controller's customer service sees it: what blocks, since when, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.entry import EntryKind, EntryState
from app.domain.identifier import UnreadableIdentifier
from app.domain.parties import ALL_CONTROLLERS, Caller, Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import Entries, list_of
from app.storage.parties import all_numbers
from app.storage.sealed import unseal
from app.storage.units import ReadUnit
from app.storage.versions import AsOf
from app.usecases.read_identifiers import GivenIdentifier, read_identifier


@dataclass(frozen=True, slots=True)
class EntryView:
    """`canonical` is None when the identifier was given as a hash or has been erased (`erased`), and for an
    entry of an objection: the person may have told an agent more than the controller knows. For the same
    reason `objection_id`, which would join identifiers, is told of a general objection only, which the
    controller may weigh. `everywhere` tells an entry for all controllers."""

    id: UUID
    objection_id: UUID | None
    kind: EntryKind
    state: EntryState
    everywhere: bool
    identifier_type: str
    canonical: str | None
    erased: bool
    channels: int
    purposes: int
    service_id: str | None
    since: datetime
    occurred_at: datetime | None
    released_at: datetime | None
    event_id: UUID
    as_of: AsOf


async def entry_views(unit: ReadUnit, rows: Sequence[Any]) -> list[EntryView]:
    """Rows of entries as views, their identifiers unsealed in one go."""
    plain = await unseal(unit, [row.sealed_id for row in rows if row.sealed_id])
    return [
        EntryView(
            id=row.id,
            objection_id=row.objection_id if row.kind == EntryKind.OBJECTION_GENERAL else None,
            kind=EntryKind(row.kind),
            state=_state(row),
            everywhere=row.controller_no == ALL_CONTROLLERS,
            identifier_type=row.identifier_type,
            canonical=None if row.objection_id else plain.get(row.sealed_id, {}).get("canonical"),
            erased=row.erased_at is not None or row.sealed_id not in plain,
            channels=row.channels,
            purposes=row.purposes,
            service_id=row.service_id,
            since=row.since,
            occurred_at=row.occurred_at,
            released_at=row.released_at,
            event_id=row.event_id,
            as_of=AsOf.after_write(row.controller_no, row.reached),
        )
        for row in rows
    ]


def _state(row: Any) -> EntryState:
    if row.released_at:
        return EntryState.RELEASED
    return EntryState.TOMBSTONED if row.erased_at else EntryState(row.state or EntryState.ACTIVE)


def own_list(caller: Caller) -> int:
    """The number of the caller's own list; customer service sees no other controller's."""
    if caller.holder_no is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return caller.holder_no


async def reachable_list(unit: ReadUnit, caller: Caller, entry_id: UUID) -> int:
    """The list in which this caller may touch an entry: its own, or for an admin whichever it stands in."""
    if caller.role is not Role.ADMIN:
        return own_list(caller)
    number = await list_of(unit, await all_numbers(unit), entry_id)
    if number is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return number


async def find_entry(unit: ReadUnit, controller_no: int, entry_id: UUID) -> Any:
    """One entry's row in a list; NOT_FOUND for another controller's as for none."""
    await unit.declare([controller_no])
    row = await Entries(unit, controller_no).find(entry_id)
    if row is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return row


async def seen_entry(unit: ReadUnit, caller: Caller, entry_id: UUID) -> EntryView:
    """One entry of the caller's own list."""
    return (await entry_views(unit, [await find_entry(unit, own_list(caller), entry_id)]))[0]


async def search_entries(
    unit: ReadUnit, caller: Caller, given: GivenIdentifier, now: datetime, after: UUID, limit: int
) -> list[EntryView]:
    """What blocks or blocked an identifier: in the caller's own list and in that of all controllers."""
    try:
        identifier = read_identifier(given, now.date())
    except UnreadableIdentifier:
        raise RefusedError(Refusal.INVALID_IDENTIFIER) from None
    spellings = unit.instruments.fingerprints.indexed(identifier)
    numbers = sorted({ALL_CONTROLLERS, own_list(caller)})
    await unit.declare(numbers)
    rows = [row for n in numbers for row in await Entries(unit, n).search(spellings, after, limit)]
    return await entry_views(unit, sorted(rows, key=lambda row: row.id)[:limit])
