"""Notes of lookups: figures and the receipt."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.storage.tables import LOOKUP_NOTE
from app.storage.units import ReadUnit, WriteUnit

_FIND = text("""
SELECT receipt FROM registry.lookup_note WHERE controller_no = ANY(:numbers) AND lookup_id = :lookup_id
""")


async def add_lookup_note(unit: WriteUnit, row: Mapping[str, Any]) -> None:
    """Write one note."""
    await unit.declare([row["controller_no"]])
    await unit.insert(LOOKUP_NOTE, [row])


async def find_lookup_note(unit: ReadUnit, numbers: Collection[int], lookup_id: UUID) -> str | None:
    """The receipt of a lookup made for one of these controllers."""
    await unit.declare(numbers)
    row = await unit.row(_FIND, {"numbers": list(numbers), "lookup_id": lookup_id})
    return str(row.receipt) if row else None
