"""Notes of lookups: figures, and the receipt, which is sealed.

A receipt holds the digest of the request. Whoever steals the database could search through the numbers that
may have stood in it, one by one, until the digest fits; so it is not kept bare.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.storage.sealed import REGISTRY_SUBJECT, ensure_subject_keys, subject_keys
from app.storage.tables import LOOKUP_NOTE
from app.storage.units import ReadUnit, WriteUnit

_FIND = text("""
SELECT receipt FROM registry.lookup_note WHERE controller_no = ANY(:numbers) AND lookup_id = :lookup_id
""")


async def add_lookup_notes(unit: WriteUnit, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write notes; a receipt is text here and sealed there, in the place that the lookup's id says."""
    await unit.declare({row["controller_no"] for row in rows})
    key = (await ensure_subject_keys(unit, [REGISTRY_SUBJECT], rows[0]["at"]))[REGISTRY_SUBJECT]
    seal = unit.instruments.vault.seal
    sealed = [seal(key, row["receipt"].encode(), row["lookup_id"].bytes) for row in rows]
    kept = [{**row, "receipt": receipt} for row, receipt in zip(rows, sealed, strict=True)]
    await unit.insert(LOOKUP_NOTE, kept)


async def find_lookup_note(unit: ReadUnit, numbers: Collection[int], lookup_id: UUID) -> str | None:
    """The receipt of a lookup made for one of these controllers."""
    await unit.declare(numbers)
    row = await unit.row(_FIND, {"numbers": list(numbers), "lookup_id": lookup_id})
    if row is None:
        return None
    key = (await subject_keys(unit, [REGISTRY_SUBJECT]))[REGISTRY_SUBJECT]
    return unit.instruments.vault.unseal(key, row.receipt, lookup_id.bytes).decode()
