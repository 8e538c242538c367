"""The rows that an objection becomes, collected for one or many of them and written together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.entry import Binding, EntryKind
from app.domain.identifier import HashedIdentifier
from app.storage.entries import add_entries, mark_hash_only_each
from app.storage.events import Event, record_events
from app.storage.objections import ObjectionRows, add_objections
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.objection_drafts import ReadOne
from app.usecases.read_identifiers import plain_of

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ground:
    """What every row of one objection shares."""

    objection_id: UUID
    event_id: UUID
    subject: UUID
    channels: int
    level: int
    kinds: Sequence[tuple[EntryKind, int]]
    since: datetime


@dataclass(slots=True)
class Sheet:
    """Rows on their way to the database; `flush` writes them with one statement per table."""

    objections: list[Row] = field(default_factory=list)
    controllers: list[Row] = field(default_factory=list)
    identifiers: list[Row] = field(default_factory=list)
    states: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    keys: list[Row] = field(default_factory=list)
    sealed: list[Plain] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    hash_only: dict[int, UUID] = field(default_factory=dict)

    def put(
        self, act: Act, ground: Ground, found: Sequence[ReadOne], versions: Mapping[int, int]
    ) -> dict[int, list[UUID]]:
        """Add identifiers of an objection, and an entry for each of them in each list; the entries' ids."""
        made: dict[int, list[UUID]] = {number: [] for number in versions}
        for one in found:
            sealed_id = self._identifier(act, ground, one)
            for number, version in versions.items():
                for kind, purposes in ground.kinds:
                    entry_id = act.new_id()
                    self._entry(ground, one, (entry_id, sealed_id, kind, purposes), (number, version))
                    made[number].append(entry_id)
        return made

    def _identifier(self, act: Act, ground: Ground, one: ReadOne) -> UUID:
        fingerprint = one.spellings[0]
        plain = Plain(act.new_id(), ground.subject, "identifier", plain_of(one.read), fingerprint)
        self.sealed.append(plain)
        self.identifiers.append(
            {
                "objection_id": ground.objection_id,
                "position": one.position,
                "type": one.type,
                "fingerprint": fingerprint,
                "proven": one.proven,
                "warnings": list(one.warnings),
                "sealed_id": plain.id,
                "event_id": ground.event_id,
            }
        )
        return plain.id

    def _entry(
        self,
        ground: Ground,
        one: ReadOne,
        what: tuple[UUID, UUID, EntryKind, int],
        place: tuple[int, int],
    ) -> None:
        entry_id, sealed_id, kind, purposes = what
        number, version = place
        stamp = {"controller_no": number, "version": version}
        self.entries.append(
            {
                **stamp,
                "id": entry_id,
                "fingerprint": one.spellings[0],
                "objection_id": ground.objection_id,
                "sealed_id": sealed_id,
                "event_id": ground.event_id,
                "since": ground.since,
                "occurred_at": None,
                "channels": ground.channels,
                "purposes": purposes,
                "kind": kind.value,
                "level": ground.level,
                "binding": Binding.PERSON.value,
                "identifier_type": one.type,
                "service_id": None,
            }
        )
        self.keys.extend({**stamp, "fingerprint": each, "entry_id": entry_id} for each in one.spellings)
        if isinstance(one.read, HashedIdentifier):
            self.hash_only[number] = ground.event_id

    async def flush(self, unit: WriteUnit, now: datetime) -> None:
        """Write everything. The lists were locked, and their versions taken, before."""
        await record_events(unit, self.events)
        await seal(unit, self.sealed, now)
        rows = ObjectionRows(self.objections, self.controllers, self.identifiers, self.states)
        await add_objections(unit, rows)
        await add_entries(unit, self.entries, self.keys)
        await mark_hash_only_each(unit, self.hash_only)
