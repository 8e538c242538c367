"""What the registry knows of one identifier, for whoever looks after it and says what for.

The search is an event, and so is the reading of each thing that was found, with the stated purpose (GDPR
Art. 5(2), 15). An auditor reads mandates and objections, so that controllers' own opt-outs stay out of its
answer; an admin finds those too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.entry import EntryKind, EntryState
from app.domain.identifier import UnreadableIdentifier
from app.domain.parties import ALL_CONTROLLERS, Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import Entries
from app.storage.events import Event
from app.storage.figures import party_names
from app.storage.finding_people import entries_spelt, mandates_naming
from app.storage.listings import listed_mandates
from app.storage.parties import all_numbers, party_ids
from app.storage.units import Rows, WriteUnit
from app.usecases.act import Act
from app.usecases.entry_view import EntryView, entry_views
from app.usecases.read_identifiers import GivenIdentifier, read_identifier
from app.usecases.read_mandates import READ
from app.usecases.record_readings import record_readings

SEARCHED: Final = "identifier.searched"
ENTRY_READ: Final = "entry.read"
MOST: Final = 100
"""Entries and mandates of one answer, each; who has more than these is told so."""


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry of any list: `controller` is None for the list of all controllers."""

    id: UUID
    controller: str | None
    objection_id: UUID | None
    kind: EntryKind
    state: EntryState
    identifier_type: str
    channels: int
    since: datetime
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of an identifier; `more` when it was cut off."""

    entries: Sequence[FoundEntry]
    mandates: Rows
    more: bool


async def search_everywhere(unit: WriteUnit, act: Act, given: GivenIdentifier) -> Found:
    """Entries in every list and mandates that name the identifier. Raises RefusedError INVALID_IDENTIFIER."""
    try:
        identifier = read_identifier(given, act.now.date())
    except UnreadableIdentifier:
        raise RefusedError(Refusal.INVALID_IDENTIFIER) from None
    spellings = unit.instruments.fingerprints.indexed(identifier)
    numbers = await all_numbers(unit)
    await unit.declare(numbers)
    spelt = await entries_spelt(unit, numbers, spellings, MOST + 1)
    entries = await _entries(unit, act, spelt[:MOST])
    ids = await mandates_naming(unit, spellings, MOST + 1)
    mandates = await listed_mandates(unit, ids[:MOST])
    await _journal(unit, act, [one.id for one in entries], [row.id for row in mandates])
    return Found(entries, mandates, len(spelt) > MOST or len(ids) > MOST)


async def _entries(unit: WriteUnit, act: Act, spelt: Rows) -> list[FoundEntry]:
    by_list: dict[int, list[UUID]] = {}
    for row in spelt:
        by_list.setdefault(row.controller_no, []).append(row.entry_id)
    ids = await party_ids(unit, set(by_list))
    names = await party_names(unit, list(ids.values()))
    found: list[FoundEntry] = []
    for number, entry_ids in by_list.items():
        rows = await Entries(unit, number).find_all(entry_ids)
        if act.who.role is not Role.ADMIN:
            rows = [row for row in rows if row.objection_id is not None]
        name = None if number == ALL_CONTROLLERS else names[ids[number]]
        views = await entry_views(unit, rows)
        found += [_found(view, name, row.objection_id) for view, row in zip(views, rows, strict=True)]
    return sorted(found, key=lambda one: one.id, reverse=True)


def _found(view: EntryView, controller: str | None, objection_id: UUID | None) -> FoundEntry:
    return FoundEntry(
        id=view.id,
        controller=controller,
        objection_id=objection_id,
        kind=view.kind,
        state=view.state,
        identifier_type=view.identifier_type,
        channels=view.channels,
        since=view.since,
        released_at=view.released_at,
    )


async def _journal(unit: WriteUnit, act: Act, entries: Sequence[UUID], mandates: Sequence[UUID]) -> None:
    detail = {"entries": len(entries), "mandates": len(mandates)}
    events = [Event(act.event_id, act.now, SEARCHED, act.caller, detail=detail)]
    events += [Event(act.new_id(), act.now, ENTRY_READ, act.caller, one) for one in entries]
    events += [Event(act.new_id(), act.now, READ, act.caller, one) for one in mandates]
    await record_readings(unit, act, events)
