"""Who wanted an entry: every act that asked for it, also where it stood already."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from app.storage.tables import ENTRY_WISH
from app.storage.units import ReadUnit, Rows, WriteUnit

_STANDING = text("""
SELECT e.id, e.fingerprint, e.kind, e.channels, e.purposes, e.service_id
FROM registry.entry_key k
JOIN registry.entry e ON e.controller_no = k.controller_no AND e.id = k.entry_id
WHERE k.controller_no = :number AND k.fingerprint = ANY(:fingerprints)
  AND e.fingerprint = k.fingerprint AND e.objection_id IS NULL AND e.kind <> 0
  AND NOT EXISTS (SELECT FROM registry.entry_release r
                  WHERE r.controller_no = e.controller_no AND r.entry_id = e.id)
ORDER BY e.id
""")


async def standing_entries(unit: ReadUnit, number: int, fingerprints: Collection[UUID]) -> Rows:
    """A list's own entries in force under these canonical forms, the oldest first."""
    return await unit.rows(_STANDING, {"number": number, "fingerprints": list(fingerprints)})


async def add_wishes(unit: WriteUnit, number: int, entry_ids: Collection[UUID], event_id: UUID) -> None:
    """Note that this act wanted these entries."""
    place = {"controller_no": number, "event_id": event_id}
    await unit.insert(ENTRY_WISH, [{**place, "entry_id": one} for one in dict.fromkeys(entry_ids)])
