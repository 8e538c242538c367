"""A controller's own entries of a group. One that says what another in force says runs by itself: whether it
is a repetition depends on the consents in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

from app.domain.entry import DIRECT_LEVEL, Binding, EntryState
from app.domain.identifier import Canonical, HashedIdentifier, UnreadableIdentifier
from app.domain.mandate import CLOCK_SKEW
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import add_entries, mark_hash_only_each
from app.storage.events import Event, record_events
from app.storage.said_entries import Saying, already_said
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.storage.versions import AsOf, take_versions_each
from app.usecases.act import Act
from app.usecases.entry_view import EntryView
from app.usecases.read_identifiers import Readable, plain_of, read_identifier, subject_of
from app.usecases.record_entry import EntryCommand, RecordedEntry
from app.usecases.record_objection import aside
from app.usecases.waiting_acts import Left, Prepared, Waiting


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry asked for, and the number of the list that it is to stand in."""

    number: int
    command: EntryCommand


@dataclass(frozen=True, slots=True)
class _Draft:
    number: int
    command: EntryCommand
    identifier: Readable
    spellings: tuple[UUID, ...]
    subject: UUID

    @property
    def saying(self) -> Saying:
        """What makes two of them the same."""
        said = self.command
        wording = said.kind.value, said.channels, said.purposes, said.service_id
        return Saying(self.number, self.spellings[0], *wording)


async def prepare_entries(unit: WriteUnit, waiting: Sequence[Waiting]) -> list[Prepared | RefusedError]:
    """Read the identifiers; what cannot be read, or lies in the future, is refused."""
    return await aside(len(waiting), lambda: [_prepared(unit, one) for one in waiting])


def _prepared(unit: WriteUnit, one: Waiting) -> Prepared | RefusedError:
    number, command = one.command.number, one.command.command
    if command.occurred_at is not None and command.occurred_at > one.act.now + CLOCK_SKEW:
        return RefusedError(Refusal.INVALID_TIME)
    try:
        identifier = read_identifier(command.identifier, one.act.now.date())
    except UnreadableIdentifier:
        return RefusedError(Refusal.INVALID_IDENTIFIER)
    fingerprints = unit.instruments.fingerprints
    spellings = tuple(dict.fromkeys(fingerprints.indexed(identifier)))
    draft = _Draft(number, command, identifier, spellings, subject_of(fingerprints, identifier))
    return Prepared(one.act, draft, frozenset({number}), frozenset(spellings))


async def record_entry_group(unit: WriteUnit, prepared: Sequence[Prepared]) -> list[RecordedEntry | Left]:
    """Put in force what is said for the first time; what was said already is left."""
    said = await already_said(unit, {one.draft.saying for one in prepared})
    new: dict[Saying, Prepared] = {}
    for one in prepared:
        if one.draft.saying not in said:
            new.setdefault(one.draft.saying, one)
    written = await _write(unit, list(new.values())) if new else {}
    return [written.get(one.act.event_id, Left.ALONE) for one in prepared]


async def _write(unit: WriteUnit, new: Sequence[Prepared]) -> dict[UUID, RecordedEntry]:
    stamps = [(one.draft.number, one.act.event_id, one.act.now) for one in new]
    versions = await take_versions_each(unit, stamps)
    rows, keys, plains, events = [], [], [], []
    recorded: dict[UUID, RecordedEntry] = {}
    for one in new:
        draft, act = one.draft, one.act
        place = {"controller_no": draft.number, "version": versions[draft.number, act.event_id]}
        row = place | _row(act, draft)
        rows.append(row)
        keys += [{**place, "fingerprint": each, "entry_id": row["id"]} for each in draft.spellings]
        plains += _plains(act, draft, row)
        detail = {"kind": draft.command.kind.name.lower(), "version": place["version"]}
        stamp = act.event_id, act.now, "entry.recorded", act.caller, row["id"]
        events.append(Event(*stamp, "done", act.request_digest, detail))
        recorded[act.event_id] = _recorded(draft, row)
    await record_events(unit, events)
    await seal(unit, plains, new[0].act.now)
    await add_entries(unit, rows, keys)
    hashed = (one for one in new if isinstance(one.draft.identifier, HashedIdentifier))
    await mark_hash_only_each(unit, {one.draft.number: one.act.event_id for one in hashed})
    return recorded


def _row(act: Act, draft: _Draft) -> dict[str, Any]:
    command = draft.command
    return {
        "id": act.new_id(),
        "fingerprint": draft.spellings[0],
        "objection_id": None,
        "sealed_id": act.new_id(),
        "event_id": act.event_id,
        "since": act.now,
        "occurred_at": command.occurred_at,
        "channels": command.channels,
        "purposes": command.purposes,
        "kind": command.kind.value,
        "level": DIRECT_LEVEL,
        "binding": Binding.IDENTIFIER.value,
        "identifier_type": draft.identifier.type,
        "service_id": command.service_id,
    }


def _plains(act: Act, draft: _Draft, row: Mapping[str, Any]) -> list[Plain]:
    plain = plain_of(draft.identifier)
    plains = [Plain(row["sealed_id"], draft.subject, "identifier", plain, draft.spellings[0])]
    if draft.command.reference:
        said = {"reference": draft.command.reference}
        plains.append(Plain(act.event_id, draft.subject, "entry", said))
    return plains


def _recorded(draft: _Draft, row: Mapping[str, Any]) -> RecordedEntry:
    command, identifier = draft.command, draft.identifier
    view = EntryView(
        id=row["id"],
        objection_id=None,
        kind=command.kind,
        state=EntryState.ACTIVE,
        everywhere=False,
        identifier_type=identifier.type,
        canonical=plain_of(identifier).get("canonical"),
        erased=False,
        channels=command.channels,
        purposes=command.purposes,
        service_id=command.service_id,
        since=row["since"],
        occurred_at=command.occurred_at.astimezone(UTC) if command.occurred_at else None,
        released_at=None,
        event_id=row["event_id"],
        as_of=AsOf.after_write(draft.number, row["version"]),
    )
    warnings = identifier.warnings if isinstance(identifier, Canonical) else ()
    return RecordedEntry(view, warnings, draft.subject, duplicate=False, version=row["version"])
