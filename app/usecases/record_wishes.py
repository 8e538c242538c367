"""Many wishes for one list in one act: what opt-outs from providers, links and files become.

One version, one statement per table however many there are. The caller writes the act's one event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.entry import DIRECT_LEVEL, Binding, EntryKind
from app.domain.identifier import HashedIdentifier
from app.domain.mandate import CLOCK_SKEW
from app.domain.purposes import ALL_PURPOSES
from app.storage.entries import add_entries, mark_hash_only
from app.storage.entry_wishes import add_wishes, standing_entries
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.storage.versions import current_versions, lock_lists, take_versions
from app.usecases.act import Act
from app.usecases.read_identifiers import Readable, plain_of, subject_of

Saying = tuple[UUID, EntryKind, int, str | None]


@dataclass(frozen=True, slots=True, repr=False)
class Wish:
    """One person's wish, for every purpose. `channels` is a mask."""

    identifier: Readable
    channels: int
    service_id: str | None = None
    occurred_at: datetime | None = None

    @property
    def kind(self) -> EntryKind:
        """Who leaves one service has not left the channel."""
        return EntryKind.SERVICE_UNSUB if self.service_id else EntryKind.CHANNEL_OPTOUT


@dataclass(frozen=True, slots=True)
class Outcome:
    """The entry of each wish in their order, which of the entries are new, and the position of the list."""

    entry_ids: tuple[UUID, ...]
    new: frozenset[UUID]
    version: int


@dataclass(slots=True)
class _Rows:
    entries: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list)
    plains: list[Plain] = field(default_factory=list)
    hashed: bool = False


async def record_wishes(unit: WriteUnit, act: Act, number: int, wishes: Sequence[Wish]) -> Outcome:
    """Put wishes in force. One that stands, or comes twice, has one entry."""
    await lock_lists(unit, [number])
    fingerprints = unit.instruments.fingerprints
    spellings = [fingerprints.indexed(wish.identifier) for wish in wishes]
    known: dict[Saying, UUID] = {}
    for row in await standing_entries(unit, number, {each[0] for each in spellings}):
        if row.purposes == ALL_PURPOSES:
            known.setdefault((row.fingerprint, EntryKind(row.kind), row.channels, row.service_id), row.id)
    rows, entry_ids = _Rows(), []
    for wish, each in zip(wishes, spellings, strict=True):
        saying = (each[0], wish.kind, wish.channels, wish.service_id)
        if saying not in known:
            known[saying] = act.new_id()
            _lay_out(rows, act, wish, each, known[saying], subject_of(fingerprints, wish.identifier))
        entry_ids.append(known[saying])
    version = await _write(unit, act, number, rows)
    await add_wishes(unit, number, entry_ids, act.event_id)
    return Outcome(tuple(entry_ids), frozenset(row["id"] for row in rows.entries), version)


def _lay_out(
    rows: _Rows, act: Act, wish: Wish, spellings: Sequence[UUID], entry_id: UUID, subject: UUID
) -> None:
    plain = Plain(act.new_id(), subject, "identifier", plain_of(wish.identifier), spellings[0])
    occurred = wish.occurred_at if wish.occurred_at and wish.occurred_at <= act.now + CLOCK_SKEW else None
    rows.plains.append(plain)
    rows.hashed |= isinstance(wish.identifier, HashedIdentifier)
    rows.keys += [{"fingerprint": each, "entry_id": entry_id} for each in dict.fromkeys(spellings)]
    rows.entries.append(
        {
            "id": entry_id,
            "fingerprint": spellings[0],
            "objection_id": None,
            "sealed_id": plain.id,
            "event_id": act.event_id,
            "since": act.now,
            "occurred_at": occurred,
            "channels": wish.channels,
            "purposes": ALL_PURPOSES,
            "kind": wish.kind.value,
            "level": DIRECT_LEVEL,
            "binding": Binding.IDENTIFIER.value,
            "identifier_type": wish.identifier.type,
            "service_id": wish.service_id,
        }
    )


async def _write(unit: WriteUnit, act: Act, number: int, rows: _Rows) -> int:
    if not rows.entries:
        return (await current_versions(unit, [number]))[number]
    version = (await take_versions(unit, [number], act.event_id, act.now))[number]
    await seal(unit, rows.plains, act.now)
    stamp = {"controller_no": number, "version": version}
    entries = [{**stamp, **row} for row in rows.entries]
    await add_entries(unit, entries, [{**stamp, **row} for row in rows.keys])
    if rows.hashed:
        await mark_hash_only(unit, [number], act.event_id)
    return version
