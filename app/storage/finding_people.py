"""Where an identifier stands, in whichever list: for those who look after the registry, never a lookup."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from app.storage.units import ReadUnit, Rows

_SPELT = text("""
SELECT DISTINCT controller_no, entry_id FROM registry.entry_key
WHERE controller_no = ANY(:numbers) AND fingerprint = ANY(:fingerprints)
ORDER BY entry_id DESC LIMIT :limit
""")
_NAMING = text("""
SELECT DISTINCT mandate_id FROM registry.mandate_identifier WHERE fingerprint = ANY(:fingerprints)
ORDER BY mandate_id DESC LIMIT :limit
""")


async def entries_spelt(
    unit: ReadUnit, numbers: Collection[int], fingerprints: Collection[UUID], limit: int
) -> Rows:
    """List and id of the entries found under any of these spellings, newest first; the lists are declared."""
    asked = {"numbers": sorted(numbers), "fingerprints": list(fingerprints), "limit": limit}
    return await unit.rows(_SPELT, asked)


async def mandates_naming(unit: ReadUnit, fingerprints: Collection[UUID], limit: int) -> list[UUID]:
    """The mandates whose grantor or proven identifier this is, newest first."""
    asked = {"fingerprints": list(fingerprints), "limit": limit}
    return [row.mandate_id for row in await unit.rows(_NAMING, asked)]
