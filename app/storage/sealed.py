"""The vault's rows: plain identifiers and free text, sealed under one data key per subject.

Whoever deletes a subject's key row has erased the person (GDPR Art. 17): nothing sealed under it opens again.
"""

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.crypto.vault import Unsealable
from app.domain.refusals import UnavailableError
from app.storage.columns import ids
from app.storage.tables import SEALED
from app.storage.units import ReadUnit, WriteUnit

REGISTRY_SUBJECT = UUID(int=0)
"""The subject of what concerns nobody in particular."""

_IN_ORDER = attrgetter("int")
_AT_ONCE = 500
"""Values sealed in one go: nobody else's request waits for ten thousand."""

_KEYS = text("""
SELECT n.subject, k.wrapped FROM unnest(CAST(CAST(:subjects AS text) AS uuid[])) AS n (subject)
CROSS JOIN LATERAL (SELECT x.wrapped FROM vault.subject_key x WHERE x.subject = n.subject LIMIT 1) k
""")
_ADD_KEYS = text("""
INSERT INTO vault.subject_key (subject, wrapped, created_at)
SELECT s, w, :at FROM unnest(CAST(CAST(:subjects AS text) AS uuid[]), CAST(:wrapped AS bytea[])) AS t(s, w)
ON CONFLICT DO NOTHING
""")
_READ = text("SELECT id, subject, ciphertext FROM vault.sealed WHERE id = ANY(:ids)")


@dataclass(frozen=True, slots=True)
class Plain:
    """Something to seal: a JSON value of one subject; `fingerprint` tells which identifier it is."""

    id: UUID
    subject: UUID
    kind: str
    value: Any
    fingerprint: UUID | None = None


async def subject_keys(unit: ReadUnit, subjects: Collection[UUID]) -> dict[UUID, bytes]:
    """The data keys of those subjects that have one. A destroyed key is simply not there."""
    rows = await unit.rows(_KEYS, {"subjects": ids(subjects)})
    vault, keys = unit.instruments.vault, dict[UUID, bytes]()
    for first in range(0, len(rows), _AT_ONCE):
        piece = rows[first : first + _AT_ONCE]
        keys |= {row.subject: vault.unwrap(row.subject, row.wrapped) for row in piece}
        if len(piece) == _AT_ONCE:
            await asyncio.sleep(0)
    return keys


async def wrapped_key(unit: ReadUnit, subject: UUID) -> bytes:
    """A subject's data key as it lies in the vault. UnavailableError when it is not there."""
    row = await unit.row(_KEYS, {"subjects": ids([subject])})
    if row is None:
        raise UnavailableError("a key of the vault is missing")
    return bytes(row.wrapped)


async def ensure_subject_keys(unit: WriteUnit, subjects: Iterable[UUID], now: datetime) -> dict[UUID, bytes]:
    """The data key of each subject, made where there is none. Two writers agree on whichever came first."""
    keys = unit.data_keys
    wanted = sorted({subject for subject in subjects if subject not in keys}, key=_IN_ORDER)
    if wanted:
        keys |= await subject_keys(unit, wanted)
    missing = [subject for subject in wanted if subject not in keys]
    for first in range(0, len(missing), _AT_ONCE):
        await _add_keys(unit, missing[first : first + _AT_ONCE], now)
    return keys


async def _add_keys(unit: WriteUnit, subjects: Sequence[UUID], now: datetime) -> None:
    """Make keys, always in the order of their subjects: no two writers wait for each other."""
    made = {subject: unit.instruments.vault.new_data_key(subject) for subject in subjects}
    wrapped = [both[1] for both in made.values()]
    added = await unit.run(_ADD_KEYS, {"subjects": ids(subjects), "wrapped": wrapped, "at": now})
    ours = {subject: both[0] for subject, both in made.items()}
    unit.data_keys |= ours if added == len(subjects) else await subject_keys(unit, subjects)


async def seal(unit: WriteUnit, plains: Sequence[Plain], now: datetime) -> None:
    """Seal values under their subjects' keys. The row's id is authenticated with the value."""
    keys = await ensure_subject_keys(unit, {p.subject for p in plains}, now)
    vault = unit.instruments.vault
    for first in range(0, len(plains), _AT_ONCE):
        rows = [
            {
                "id": p.id,
                "subject": p.subject,
                "fingerprint": p.fingerprint,
                "kind": p.kind,
                "ciphertext": vault.seal(keys[p.subject], json.dumps(p.value).encode(), p.id.bytes),
            }
            for p in plains[first : first + _AT_ONCE]
        ]
        await unit.insert(SEALED, rows)


async def unseal(unit: ReadUnit, ids: Collection[UUID]) -> Mapping[UUID, Any]:
    """The plain values of sealed rows; what has been erased is missing from the answer."""
    rows = await unit.rows(_READ, {"ids": list(ids)})
    keys = await subject_keys(unit, {row.subject for row in rows})
    opened: dict[UUID, Any] = {}
    for row in rows:
        if row.subject not in keys:
            continue
        try:
            value = unit.instruments.vault.unseal(keys[row.subject], row.ciphertext, row.id.bytes)
        except Unsealable:
            continue
        opened[row.id] = json.loads(value)
    return opened


_SUBJECT = text("SELECT subject FROM vault.sealed WHERE id = :id")


async def subject_of_sealed(unit: ReadUnit, sealed_id: UUID) -> UUID:
    """Whose data key a sealed row is under."""
    row = await unit.row(_SUBJECT, {"id": sealed_id})
    return row.subject if row else REGISTRY_SUBJECT
