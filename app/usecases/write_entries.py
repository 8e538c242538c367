"""New entries of one list, bound to their identifiers: what customer service, sources, providers, links and
files put in force. One version and one statement per table, however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.entry import DIRECT_LEVEL, Binding, EntryKind
from app.domain.identifier import HashedIdentifier
from app.storage.entries import add_entries, mark_hash_only
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.storage.versions import take_versions
from app.usecases.act import Act
from app.usecases.read_identifiers import Readable, plain_of


@dataclass(frozen=True, slots=True, repr=False)
class NewEntry:
    """An entry that does not stand yet. `spellings` are its fingerprints, the main one first; masks as in the
    domain's tables; `event_id` is that of the act, or of its item in a batch; `subject`: whose data."""

    id: UUID
    event_id: UUID
    identifier: Readable
    spellings: Sequence[UUID]
    subject: UUID
    kind: EntryKind
    channels: int
    purposes: int
    service_id: str | None
    occurred_at: datetime | None
    reference: str | None = None


async def write_entries(unit: WriteUnit, act: Act, number: int, entries: Sequence[NewEntry]) -> int:
    """Write them under the next version of the list, and return it."""
    version = (await take_versions(unit, [number], act.event_id, act.now))[number]
    stamp = {"controller_no": number, "version": version}
    plains: list[Plain] = []
    rows: list[Mapping[str, Any]] = []
    keys: list[Mapping[str, Any]] = []
    for entry in entries:
        told, main = plain_of(entry.identifier), entry.spellings[0]
        plain = Plain(act.new_id(), entry.subject, "identifier", told, main)
        plains.append(plain)
        if entry.reference:
            plains.append(Plain(entry.event_id, entry.subject, "entry", {"reference": entry.reference}))
        rows.append({**stamp, **_row(act, entry, plain.id)})
        keys += [{**stamp, "fingerprint": f, "entry_id": entry.id} for f in dict.fromkeys(entry.spellings)]
    await seal(unit, plains, act.now)
    await add_entries(unit, rows, keys)
    if any(isinstance(entry.identifier, HashedIdentifier) for entry in entries):
        await mark_hash_only(unit, [number], act.event_id)
    return version


def _row(act: Act, entry: NewEntry, sealed_id: UUID) -> dict[str, Any]:
    return {
        "id": entry.id,
        "fingerprint": entry.spellings[0],
        "objection_id": None,
        "sealed_id": sealed_id,
        "event_id": entry.event_id,
        "since": act.now,
        "occurred_at": entry.occurred_at,
        "channels": entry.channels,
        "purposes": entry.purposes,
        "kind": entry.kind.value,
        "level": DIRECT_LEVEL,
        "binding": Binding.IDENTIFIER.value,
        "identifier_type": entry.identifier.type,
        "service_id": entry.service_id,
    }
