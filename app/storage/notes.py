"""Notes of lookups: figures, and the receipt, which is sealed.

A receipt holds the digest of the request. Whoever steals the database could search through the numbers that
may have stood in it, one by one, until the digest fits; so it is not kept bare.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.storage.sealed import REGISTRY_SUBJECT, ensure_subject_keys, subject_keys, wrapped_key
from app.storage.units import ReadUnit, WriteUnit

_FIND = text("""
SELECT receipt FROM registry.lookup_note WHERE controller_no = ANY(:numbers) AND lookup_id = :lookup_id
""")


_ADD = text("""
INSERT INTO registry.lookup_note (controller_no, lookup_id, at, party_id, asked, blocked, receipt)
SELECT n.* FROM unnest(CAST(:controller_no AS int4[]), CAST(:lookup_id AS uuid[]), CAST(:at AS timestamptz[]),
                       CAST(:party_id AS uuid[]), CAST(:asked AS int4[]), CAST(:blocked AS int4[]),
                       CAST(:receipt AS bytea[])) AS n
WHERE EXISTS (SELECT FROM vault.subject_key k WHERE k.subject = :subject AND k.wrapped = :wrapped)
""")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """The key of the registry's own data, and how it is wrapped in the vault."""

    plain: bytes
    wrapped: bytes


async def note_key(unit: WriteUnit, now: datetime) -> NoteKey:
    """What notes are sealed with, made when there is none."""
    plain = (await ensure_subject_keys(unit, [REGISTRY_SUBJECT], now))[REGISTRY_SUBJECT]
    return NoteKey(plain, await wrapped_key(unit, REGISTRY_SUBJECT))


async def add_lookup_notes(unit: WriteUnit, rows: Sequence[Mapping[str, Any]], key: NoteKey) -> bool:
    """Write notes, with one statement; a receipt is text here and sealed there, in the place that the id of
    the lookup says. False, and nothing written, when the vault has another key by now."""
    await unit.declare({row["controller_no"] for row in rows})
    seal = unit.instruments.vault.seal
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns["receipt"] = [seal(key.plain, row["receipt"].encode(), row["lookup_id"].bytes) for row in rows]
    values = {**columns, "subject": REGISTRY_SUBJECT, "wrapped": key.wrapped}
    return await unit.run(_ADD, values) == len(rows)


async def find_lookup_note(unit: ReadUnit, numbers: Collection[int], lookup_id: UUID) -> str | None:
    """The receipt of a lookup made for one of these controllers."""
    await unit.declare(numbers)
    row = await unit.row(_FIND, {"numbers": list(numbers), "lookup_id": lookup_id})
    if row is None:
        return None
    key = (await subject_keys(unit, [REGISTRY_SUBJECT]))[REGISTRY_SUBJECT]
    return unit.instruments.vault.unseal(key, row.receipt, lookup_id.bytes).decode()
