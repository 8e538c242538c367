"""A controller's own entries, one or many: do-not-call, opt-out of a channel or a service, and blocks at a
source.

They are bound to the identifier, not to the person, and in force from the moment they are written. The same
wish again, while it stands, gets the entry that stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.entry import EntryKind, EntryState
from app.domain.identifier import Canonical, UnreadableIdentifier
from app.domain.mandate import CLOCK_SKEW
from app.domain.purposes import ALL_PURPOSES
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import Entries
from app.storage.events import Event, record_events
from app.storage.units import WriteUnit
from app.storage.versions import AsOf, lock_lists
from app.usecases.act import Act
from app.usecases.entry_view import EntryView, entry_views
from app.usecases.read_identifiers import GivenIdentifier, Readable, plain_of, read_identifier, subject_behind
from app.usecases.record_objection import aside
from app.usecases.standing_wishes import standing_wishes
from app.usecases.write_entries import NewEntry, write_entries


@dataclass(frozen=True, slots=True)
class EntryCommand:
    """An entry for one list; masks as in the domain's tables."""

    kind: EntryKind
    identifier: GivenIdentifier
    channels: int
    purposes: int = ALL_PURPOSES
    service_id: str | None = None
    occurred_at: datetime | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """The entry that now stands, what was noticed while reading its identifier, and whose data it is.
    `version` is the one that the entry came with."""

    entry: EntryView
    warnings: tuple[str, ...]
    subject: UUID
    duplicate: bool
    version: int


Wording = tuple[UUID, int, int, int, str | None]


@dataclass(frozen=True, slots=True)
class _Draft:
    command: EntryCommand
    identifier: Readable
    spellings: tuple[UUID, ...]
    subject: UUID
    event_id: UUID

    @property
    def wording(self) -> Wording:
        """What makes two of them the same."""
        said = self.command
        return self.spellings[0], said.kind.value, said.channels, said.purposes, said.service_id


EntryOutcome = RecordedEntry | RefusedError


async def record_entry(unit: WriteUnit, act: Act, number: int, command: EntryCommand) -> RecordedEntry:
    """Put one entry in force, in the list of this number. Raises RefusedError."""
    return (await _record(unit, act, number, [_draft(unit, act, command, act.event_id)]))[0]


async def record_entries(
    unit: WriteUnit, act: Act, number: int, commands: Sequence[EntryCommand], *, abort: bool = False
) -> list[EntryOutcome]:
    """The outcome of each, in order. With `abort` the first refusal refuses the whole batch."""
    judged = await aside(len(commands), lambda: [_judged(unit, act, command) for command in commands])
    drafts = [one for one in judged if isinstance(one, _Draft)]
    refused = len(judged) - len(drafts)
    if abort and refused:
        raise RefusedError(Refusal.BATCH_ABORTED)
    recorded = iter(await _record(unit, act, number, drafts))
    counts = {"received": len(drafts), "refused": refused}
    event = Event(act.event_id, act.now, "entry.batch", act.caller, None, "done", act.request_digest, counts)
    await record_events(unit, [event])
    return [one if isinstance(one, RefusedError) else next(recorded) for one in judged]


def _judged(unit: WriteUnit, act: Act, command: EntryCommand) -> _Draft | RefusedError:
    try:
        return _draft(unit, act, command, act.new_id())
    except RefusedError as refused:
        return refused


def _draft(unit: WriteUnit, act: Act, command: EntryCommand, event_id: UUID) -> _Draft:
    if command.occurred_at is not None and command.occurred_at > act.now + CLOCK_SKEW:
        raise RefusedError(Refusal.INVALID_TIME)
    try:
        identifier = read_identifier(command.identifier, act.now.date())
    except UnreadableIdentifier:
        raise RefusedError(Refusal.INVALID_IDENTIFIER) from None
    fingerprints = unit.instruments.fingerprints
    spellings = tuple(fingerprints.indexed(identifier))
    return _Draft(command, identifier, spellings, subject_behind(fingerprints, spellings[0]), event_id)


async def _record(unit: WriteUnit, act: Act, number: int, drafts: Sequence[_Draft]) -> list[RecordedEntry]:
    if not drafts:
        return []
    await lock_lists(unit, [number])
    standing = await _standing(unit, number, drafts)
    new: dict[UUID, NewEntry] = {}
    firsts: set[UUID] = set()
    for draft in drafts:
        if draft.wording not in standing:
            entry = _new(act.new_id(), draft)
            standing[draft.wording], new[entry.id] = entry.id, entry
            firsts.add(draft.event_id)
    version = await write_entries(unit, act, number, list(new.values())) if new else 0
    made = {entry.id: (_made(act, number, version, entry), version) for entry in new.values()}
    known = made | await _seen(unit, number, set(standing.values()) - new.keys())
    recorded = [_recorded(draft, known[standing[draft.wording]], firsts) for draft in drafts]
    await record_events(unit, [_event(act, *told) for told in zip(drafts, recorded, strict=True)])
    return recorded


async def _standing(unit: WriteUnit, number: int, drafts: Sequence[_Draft]) -> dict[Wording, UUID]:
    """The entries in force that say the very same, and that no consent came after."""
    found: dict[Wording, UUID] = {}
    for row in await standing_wishes(unit, number, [draft.spellings for draft in drafts]):
        said = (row.fingerprint, row.kind, row.channels, row.purposes, row.service_id)
        found.setdefault(said, row.id)
    return {draft.wording: found[draft.wording] for draft in drafts if draft.wording in found}


async def _seen(unit: WriteUnit, number: int, ids: set[UUID]) -> dict[UUID, tuple[EntryView, int]]:
    """Entries that stood before, and the versions that they came with."""
    rows: Sequence[Any] = await Entries(unit, number).find_all(ids) if ids else []
    views = await entry_views(unit, rows)
    return {row.id: (view, row.version) for row, view in zip(rows, views, strict=True)}


def _new(entry_id: UUID, draft: _Draft) -> NewEntry:
    said = draft.command
    return NewEntry(
        id=entry_id,
        event_id=draft.event_id,
        identifier=draft.identifier,
        spellings=draft.spellings,
        subject=draft.subject,
        kind=said.kind,
        channels=said.channels,
        purposes=said.purposes,
        service_id=said.service_id,
        occurred_at=said.occurred_at,
        reference=said.reference,
    )


def _made(act: Act, number: int, version: int, entry: NewEntry) -> EntryView:
    """As it will be read from now on."""
    return EntryView(
        id=entry.id,
        objection_id=None,
        kind=entry.kind,
        state=EntryState.ACTIVE,
        everywhere=False,
        identifier_type=entry.identifier.type,
        canonical=plain_of(entry.identifier).get("canonical"),
        erased=False,
        channels=entry.channels,
        purposes=entry.purposes,
        service_id=entry.service_id,
        since=act.now,
        occurred_at=entry.occurred_at,
        released_at=None,
        event_id=entry.event_id,
        as_of=AsOf.after_write(number, version),
    )


def _recorded(draft: _Draft, known: tuple[EntryView, int], firsts: set[UUID]) -> RecordedEntry:
    view, version = known
    warnings = draft.identifier.warnings if isinstance(draft.identifier, Canonical) else ()
    return RecordedEntry(view, warnings, draft.subject, draft.event_id not in firsts, version)


def _event(act: Act, draft: _Draft, recorded: RecordedEntry) -> Event:
    kind = "entry.repeated" if recorded.duplicate else "entry.recorded"
    detail = {"kind": draft.command.kind.name.lower(), "version": recorded.version}
    entry_id, digest = recorded.entry.id, act.request_digest
    return Event(draft.event_id, act.now, kind, act.caller, entry_id, "done", digest, detail)
