"""Suppression entries of one controller (or of all, or of a source): written once, released once.

A repository is made for one list; there is no call without one. An entry is in force as long as no release
row of it exists; its keys are the spellings under which it is found.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.storage.tables import ENTRY, ENTRY_KEY
from app.storage.units import ReadUnit, Rows, WriteUnit

HASH_ONLY = "hash_only"
"""The trait of a list with entries that are known by their hash alone: lookups then ask hashes as well."""

CANARY = "canary"
"""The trait that every list has: if it does not come back, the others may be hidden too."""

# `reached` is the position of the newest thing that happened to an entry. A canary is nobody's.
_BY_IDS = text("""
SELECT e.*, t.at AS erased_at,
       greatest(e.version, t.version, (SELECT r.version FROM registry.entry_release r
                                 WHERE r.controller_no = e.controller_no AND r.entry_id = e.id),
                                (SELECT max(s.version) FROM registry.entry_state s
                                 WHERE s.controller_no = e.controller_no AND s.entry_id = e.id)) AS reached
FROM registry.entry_now e
LEFT JOIN registry.entry_tombstone t ON t.controller_no = e.controller_no AND t.entry_id = e.id
WHERE e.controller_no = :number AND e.kind <> 0 AND e.id = ANY(:ids) ORDER BY e.id
""")
_BY_OBJECTION = text("""
SELECT * FROM registry.entry_now
WHERE CAST(controller_no AS int8) = :number AND objection_id = :objection_id ORDER BY id
""")
_SPELT = text("""
SELECT DISTINCT entry_id FROM registry.entry_key
WHERE controller_no = :number AND fingerprint = ANY(:fingerprints) AND entry_id > :after
ORDER BY entry_id LIMIT :limit
""")
_TRAIT = text("""
INSERT INTO registry.holder_trait (controller_no, trait, event_id)
SELECT n.number, :trait, n.event_id
FROM unnest(CAST(:numbers AS int4[]), CAST(:event_ids AS uuid[])) AS n (number, event_id)
ON CONFLICT DO NOTHING
""")
_STATE = text("""
INSERT INTO registry.entry_state (controller_no, entry_id, ordinal, state, at, version, event_id)
SELECT e.controller_no, e.id,
       1 + coalesce((SELECT max(s.ordinal) FROM registry.entry_state s
                     WHERE s.controller_no = e.controller_no AND s.entry_id = e.id), 0),
       :state, :at, :version, :event_id
FROM registry.entry e WHERE e.controller_no = :number AND e.id = ANY(:ids)
""")
_STATE_BEFORE = text("""
INSERT INTO registry.entry_state (controller_no, entry_id, ordinal, state, at, version, event_id)
SELECT e.controller_no, e.id, 1 + n.ordinal,
       coalesce((SELECT s.state FROM registry.entry_state s
                 WHERE s.controller_no = e.controller_no AND s.entry_id = e.id
                   AND s.state <> 'contested' ORDER BY s.ordinal DESC LIMIT 1), 'active'),
       :at, :version, :event_id
FROM registry.entry e
CROSS JOIN LATERAL (SELECT max(s.ordinal) AS ordinal FROM registry.entry_state s
                    WHERE s.controller_no = e.controller_no AND s.entry_id = e.id) n
WHERE e.controller_no = :number AND e.id = ANY(:ids) AND n.ordinal IS NOT NULL
""")
_RELEASE = text("""
INSERT INTO registry.entry_release (controller_no, entry_id, reason, at, version, event_id)
SELECT e.controller_no, e.id, :reason, :at, :version, :event_id
FROM registry.entry e WHERE e.controller_no = :number AND e.id = ANY(:ids)
ON CONFLICT DO NOTHING
""")


async def add_entries(
    unit: WriteUnit, entries: Sequence[Mapping[str, Any]], keys: Sequence[Mapping[str, Any]]
) -> None:
    """Write entries of any number of lists with their keys; the lists were declared with their versions."""
    await unit.insert(ENTRY, entries)
    await unit.insert(ENTRY_KEY, keys)


async def mark_hash_only(unit: WriteUnit, numbers: Collection[int], event_id: UUID) -> None:
    """Note that these lists now hold entries known by their hash alone."""
    await mark_hash_only_each(unit, dict.fromkeys(numbers, event_id))


async def mark_hash_only_each(unit: WriteUnit, marks: Mapping[int, UUID]) -> None:
    """The same for lists that come to hold such entries by different events."""
    if marks:
        numbers = sorted(marks)
        event_ids = [marks[number] for number in numbers]
        await unit.run(_TRAIT, {"numbers": numbers, "trait": HASH_ONLY, "event_ids": event_ids})


class Entries:
    """The entries of one list."""

    def __init__(self, unit: ReadUnit, controller_no: int) -> None:
        self._unit = unit
        self._number = controller_no

    async def find(self, entry_id: UUID) -> Row[Any] | None:
        """One entry with its newest state and its release, if any."""
        return await self._unit.row(_BY_IDS, {"number": self._number, "ids": [entry_id]})

    async def find_all(self, ids: Collection[UUID]) -> Rows:
        """These entries likewise, in the order of their ids."""
        return await self._unit.rows(_BY_IDS, {"number": self._number, "ids": list(ids)})

    async def of_objection(self, objection_id: UUID) -> Rows:
        """What one objection put in force here."""
        return await self._unit.rows(_BY_OBJECTION, {"number": self._number, "objection_id": objection_id})

    async def search(self, fingerprints: Collection[UUID], after: UUID, limit: int) -> Rows:
        """Entries found under any of these spellings, released ones too, in the order of their ids."""
        asked = {"fingerprints": list(fingerprints), "after": after, "limit": limit}
        spelt = await self._unit.rows(_SPELT, {"number": self._number, **asked})
        ids = [row.entry_id for row in spelt]
        return await self.find_all(ids)


class EntryWriter(Entries):
    """The entries of one list, in a transaction that has taken its next version."""

    def __init__(
        self, unit: WriteUnit, controller_no: int, version: int, event_id: UUID, now: datetime
    ) -> None:
        super().__init__(unit, controller_no)
        self._write = unit
        self._stamp = {"number": controller_no, "version": version, "event_id": event_id, "at": now}

    async def release(self, ids: Collection[UUID], reason: str) -> int:
        """End entries. Whoever comes second ends nothing: the number says how many were still in force."""
        return await self._write.run(_RELEASE, {**self._stamp, "ids": list(ids), "reason": reason})

    async def change_state(self, ids: Collection[UUID], state: str) -> None:
        """The next state of entries, such as contested."""
        await self._write.run(_STATE, {**self._stamp, "ids": list(ids), "state": state})

    async def state_before(self, ids: Collection[UUID]) -> None:
        """End a doubt: the state that entries had before they were contested."""
        await self._write.run(_STATE_BEFORE, {**self._stamp, "ids": list(ids)})


_BROKEN = text("""
SELECT DISTINCT objection_id FROM registry.entry_now
WHERE CAST(controller_no AS int8) = ANY(:numbers) AND objection_id = ANY(:ids) AND released_at IS NOT NULL
""")


async def broken_objections(unit: ReadUnit, numbers: Collection[int], ids: Collection[UUID]) -> set[UUID]:
    """Those of these objections of which an entry has been released: they no longer say all they said."""
    if not ids:
        return set()
    rows = await unit.rows(_BROKEN, {"numbers": sorted(numbers), "ids": list(ids)})
    return {row.objection_id for row in rows}


_LIST_OF = text("""
SELECT controller_no FROM registry.entry WHERE controller_no = ANY(:numbers) AND id = :id AND kind <> 0
""")


async def list_of(unit: ReadUnit, numbers: Collection[int], entry_id: UUID) -> int | None:
    """Which of these lists an entry stands in."""
    await unit.declare(numbers)
    row = await unit.row(_LIST_OF, {"numbers": list(numbers), "id": entry_id})
    return int(row.controller_no) if row else None


_ERASED_AT = text("""
SELECT max(t.at) AS at FROM registry.entry_tombstone t
WHERE t.controller_no = ANY(:numbers)
  AND t.entry_id IN (SELECT e.id FROM registry.entry e
                     WHERE CAST(e.controller_no AS int8) = ANY(:numbers) AND e.objection_id = :objection_id)
""")


async def erased_at(unit: ReadUnit, numbers: Collection[int], objection_id: UUID) -> datetime | None:
    """When the person behind an objection was erased, if that happened; the lists are declared."""
    row = await unit.row(_ERASED_AT, {"numbers": sorted(numbers), "objection_id": objection_id})
    return row.at if row else None
