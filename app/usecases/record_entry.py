"""A controller's own entries: do-not-call, opt-out of a channel or a service, and a block at a source.

They are bound to the identifier, not to the person, and in force from the moment they are written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.entry import DIRECT_LEVEL, Binding, EntryKind
from app.domain.identifier import Canonical, HashedIdentifier, UnreadableIdentifier
from app.domain.mandate import CLOCK_SKEW
from app.domain.purposes import ALL_PURPOSES
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import Entries, add_entries, mark_hash_only
from app.storage.events import Event, record_events
from app.storage.facts import latest_consent
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.storage.versions import lock_lists, take_versions
from app.usecases.act import Act
from app.usecases.entry_view import EntryView, entry_views, find_entry
from app.usecases.read_identifiers import GivenIdentifier, Readable, plain_of, read_identifier, subject_of

_FIRST = UUID(int=0)
_MANY = 1000


@dataclass(frozen=True, slots=True)
class EntryCommand:
    """An entry for one list; masks as in the domain's tables."""

    controller_no: int
    kind: EntryKind
    identifier: GivenIdentifier
    channels: int
    purposes: int = ALL_PURPOSES
    service_id: str | None = None
    occurred_at: datetime | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """The entry that now stands, what was noticed while reading its identifier, and whose data it is."""

    entry: EntryView
    warnings: tuple[str, ...]
    subject: UUID
    duplicate: bool


async def record_entry(unit: WriteUnit, act: Act, command: EntryCommand) -> RecordedEntry:
    """Put one entry in force. The same wish again, while it stands, gets the entry that stands."""
    if command.occurred_at is not None and command.occurred_at > act.now + CLOCK_SKEW:
        raise RefusedError(Refusal.INVALID_TIME)
    try:
        identifier = read_identifier(command.identifier, act.now.date())
    except UnreadableIdentifier:
        raise RefusedError(Refusal.INVALID_IDENTIFIER) from None
    await lock_lists(unit, [command.controller_no])
    spellings = unit.instruments.fingerprints.indexed(identifier)
    standing = await _standing(unit, command, spellings)
    entry_id = standing or await _write(unit, act, command, identifier)
    row = await find_entry(unit, command.controller_no, entry_id)
    warnings = identifier.warnings if isinstance(identifier, Canonical) else ()
    kind = "entry.repeated" if standing else "entry.recorded"
    detail = {"kind": command.kind.name.lower(), "version": row.version}
    event = Event(act.event_id, act.now, kind, act.caller, entry_id, "done", act.request_digest, detail)
    await record_events(unit, [event])
    view = (await entry_views(unit, [row]))[0]
    subject = subject_of(unit.instruments.fingerprints, identifier)
    return RecordedEntry(view, warnings, subject, standing is not None)


async def _standing(unit: WriteUnit, command: EntryCommand, spellings: Sequence[UUID]) -> UUID | None:
    """The entry in force that says the very same. After a consent the wish is a new one."""
    consented = await latest_consent(unit, [command.controller_no], spellings)
    found = await Entries(unit, command.controller_no).search(spellings[:1], _FIRST, _MANY)
    wanted = (command.kind, command.channels, command.purposes, command.service_id, spellings[0])
    for row in found:
        says = (row.kind, row.channels, row.purposes, row.service_id, row.fingerprint)
        stands = row.released_at is None and row.objection_id is None
        if stands and says == wanted and (consented is None or consented <= row.since):
            return UUID(str(row.id))
    return None


async def _write(unit: WriteUnit, act: Act, command: EntryCommand, identifier: Readable) -> UUID:
    number = command.controller_no
    version = (await take_versions(unit, [number], act.event_id, act.now))[number]
    fingerprints = unit.instruments.fingerprints
    spellings = fingerprints.indexed(identifier)
    subject = subject_of(fingerprints, identifier)
    plain = Plain(act.new_id(), subject, "identifier", plain_of(identifier), spellings[0])
    notes = (
        [Plain(act.event_id, subject, "entry", {"reference": command.reference})] if command.reference else []
    )
    await seal(unit, [plain, *notes], act.now)
    entry_id = act.new_id()
    stamp = {"controller_no": number, "version": version}
    entry = {
        **stamp,
        "id": entry_id,
        "fingerprint": spellings[0],
        "objection_id": None,
        "sealed_id": plain.id,
        "event_id": act.event_id,
        "since": act.now,
        "occurred_at": command.occurred_at,
        "channels": command.channels,
        "purposes": command.purposes,
        "kind": command.kind.value,
        "level": DIRECT_LEVEL,
        "binding": Binding.IDENTIFIER.value,
        "identifier_type": identifier.type,
        "service_id": command.service_id,
    }
    keys = [{**stamp, "fingerprint": each, "entry_id": entry_id} for each in dict.fromkeys(spellings)]
    await add_entries(unit, [entry], keys)
    if isinstance(identifier, HashedIdentifier):
        await mark_hash_only(unit, [number], act.event_id)
    return entry_id
