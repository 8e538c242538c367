"""Who wanted an entry: every act that asked for it, also where it stood already.

Each statement reads one table by a list of ids: after a large import the statistics are old, and a join would
be planned for a single row.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.storage.tables import ENTRY_WISH
from app.storage.units import ReadUnit, WriteUnit

_SPELT = text("""
SELECT DISTINCT entry_id FROM registry.entry_key
WHERE controller_no = :number AND fingerprint = ANY(:fingerprints)
""")
_OWN = text("""
SELECT id, fingerprint, kind, channels, purposes, service_id, since, event_id FROM registry.entry
WHERE controller_no = :number AND id = ANY(:ids) AND objection_id IS NULL AND kind <> 0 ORDER BY id
""")
_RELEASED = text("""
SELECT entry_id FROM registry.entry_release WHERE controller_no = :number AND entry_id = ANY(:ids)
""")
_OF_ACT = text("""
SELECT entry_id FROM registry.entry_wish WHERE CAST(controller_no AS int8) = :number AND event_id = :event_id
""")
_OF_OTHERS = text("""
SELECT DISTINCT entry_id FROM registry.entry_wish
WHERE controller_no = :number AND entry_id = ANY(:ids) AND event_id <> ALL(:event_ids)
""")
_REPEATED = text("""
SELECT DISTINCT object_id FROM registry.event WHERE object_id = ANY(:ids) AND kind = 'entry.repeated'
""")


async def standing_entries(unit: ReadUnit, number: int, fingerprints: Collection[UUID]) -> list[Row[Any]]:
    """A list's own entries in force under these spellings, the oldest first."""
    spelt = await unit.rows(_SPELT, {"number": number, "fingerprints": list(fingerprints)})
    return await _in_force(unit, number, [row.entry_id for row in spelt])


async def wanted_entries(unit: ReadUnit, number: int, event_id: UUID) -> list[Row[Any]]:
    """The entries in force that an act asked for, the oldest first."""
    rows = await unit.rows(_OF_ACT, {"number": number, "event_id": event_id})
    return await _in_force(unit, number, [row.entry_id for row in rows])


async def _in_force(unit: ReadUnit, number: int, ids: Collection[UUID]) -> list[Row[Any]]:
    values = {"number": number, "ids": list(ids)}
    released = {row.entry_id for row in await unit.rows(_RELEASED, values)}
    return [row for row in await unit.rows(_OWN, values) if row.id not in released]


async def wanted_by_others(
    unit: ReadUnit, number: int, ids: Collection[UUID], void: Collection[UUID]
) -> set[UUID]:
    """Those of the entries that some act asked for that is not among the void ones."""
    values = {"number": number, "ids": list(ids), "event_ids": list(void)}
    wished = {row.entry_id for row in await unit.rows(_OF_OTHERS, values)}
    return wished | {row.object_id for row in await unit.rows(_REPEATED, {"ids": list(ids)})}


async def add_wishes(unit: WriteUnit, number: int, entry_ids: Collection[UUID], event_id: UUID) -> None:
    """Note that this act wanted these entries."""
    place = {"controller_no": number, "event_id": event_id}
    await unit.insert(ENTRY_WISH, [{**place, "entry_id": one} for one in dict.fromkeys(entry_ids)])
