"""Permanent idempotency: the key of an act, the digest of its request and its sealed answer, for ever.

The rows are written in the transaction of the act itself, so that a repeat finds either both or neither.
A batch's answer has a part for each item, sealed under that item's subject: an erasure takes that part alone.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.crypto.vault import Unsealable
from app.storage.events import keyed
from app.storage.sealed import REGISTRY_SUBJECT, ensure_subject_keys, subject_keys
from app.storage.standbys import CONFIRM
from app.storage.tables import ANSWER, IDEMPOTENCY
from app.storage.units import WriteUnit

_AT_ONCE = 500

_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(7230, hashtext(:name))")
_TRY_LOCKS = text("""
SELECT n.name FROM unnest(CAST(:names AS text[])) AS n (name)
WHERE pg_try_advisory_xact_lock(7230, hashtext(n.name))
""")
_USED = text("""
SELECT n.party_id, n.key FROM unnest(CAST(:parties AS uuid[]), CAST(:keys AS text[])) AS n (party_id, key)
WHERE (SELECT i.event_id FROM registry.idempotency i
       WHERE i.party_id = n.party_id AND i.key = n.key) IS NOT NULL
""")
_KNOWN = text("""
SELECT i.request_digest, i.status, i.event_id,
       (SELECT e.object_id FROM registry.event e WHERE e.id = i.event_id) AS object_id
FROM registry.idempotency i WHERE i.party_id = :party_id AND i.key = :key
""")
_PARTS = text(
    "SELECT position, subject, ciphertext FROM vault.answer WHERE event_id = :event_id ORDER BY position"
)


class KeyState(Enum):
    """Why a key gives no answer to repeat."""

    NEW = "new"
    RUNNING = "running"
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an answer that concerns one subject, as JSON bytes."""

    subject: UUID | None
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it was given: `head`, the parts joined by commas, `tail`."""

    status: int
    parts: tuple[Part, ...]
    head: bytes = b""
    tail: bytes = b""

    def body(self) -> bytes:
        """The bytes of the answer."""
        return self.head + b",".join(part.body for part in self.parts) + self.tail


def _kept_key(unit: WriteUnit, key: str) -> str:
    """A key as it is kept: somebody may have made it from a phone number."""
    return keyed(unit, key.encode()).hex()


async def find_answer(unit: WriteUnit, party_id: UUID, key: str, digest: bytes) -> StoredAnswer | KeyState:
    """The answer given earlier under this key, or why there is none. Holds the key until the commit.
    `digest` is that of the whole request: the same key with another one is a mistake of the caller's."""
    locked = await unit.row(_TRY_LOCK, {"name": f"{party_id}/{key}"})
    if locked is None or not locked[0]:
        return KeyState.RUNNING
    known = await unit.row(_KNOWN, {"party_id": party_id, "key": _kept_key(unit, key)})
    if known is None:
        return KeyState.NEW
    if known.request_digest != keyed(unit, digest):
        return KeyState.MISMATCH
    await unit.row(CONFIRM)
    return await _stored(unit, known)


async def _stored(unit: WriteUnit, known: Row[Any]) -> StoredAnswer:
    rows = await unit.rows(_PARTS, {"event_id": known.event_id})
    keys = await subject_keys(unit, {row.subject or REGISTRY_SUBJECT for row in rows})
    opened: list[bytes | None] = []
    for first in range(0, len(rows), _AT_ONCE):
        opened += [_open(unit, keys, known.event_id, row) for row in rows[first : first + _AT_ONCE]]
        await asyncio.sleep(0)
    head, _, tail = (opened[0] or b"").partition(b"\0")
    parts = (body or _erased(known, n, alone=not head) for n, body in enumerate(opened[1:]))
    return StoredAnswer(known.status, tuple(Part(None, body) for body in parts), head, tail)


def _erased(known: Row[Any], index: int, *, alone: bool) -> bytes:
    """What stands in a repeated answer in place of a person who has been erased since: which thing it was, or
    in a batch which item, and that it was erased. What became of the thing is read there."""
    which: dict[str, Any] = {"id": str(known.object_id)} if alone else {"index": index}
    return json.dumps({**which, "erased": True}, separators=(",", ":")).encode()


def _open(unit: WriteUnit, keys: dict[UUID, bytes], event_id: UUID, row: Row[Any]) -> bytes | None:
    """A part's bytes; None when its key is gone, or is a newer one."""
    key = keys.get(row.subject or REGISTRY_SUBJECT)
    try:
        place = _place(event_id, row.position)
        return unit.instruments.vault.unseal(key, row.ciphertext, place) if key else None
    except Unsealable:
        return None


def _place(event_id: UUID, position: int) -> bytes:
    return event_id.bytes + position.to_bytes(4, "big")


async def new_keys(unit: WriteUnit, keys: Sequence[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Those of these keys, each with its party, that were never used and that no other act holds; they are
    held until the commit."""
    names = {f"{party_id}/{key}": (party_id, key) for party_id, key in keys}
    held = [names[row.name] for row in await unit.rows(_TRY_LOCKS, {"names": list(names)})]
    kept = {(party_id, _kept_key(unit, key)): (party_id, key) for party_id, key in held}
    asked = {"parties": [party_id for party_id, _ in kept], "keys": [key for _, key in kept]}
    used = {kept[row.party_id, row.key] for row in await unit.rows(_USED, asked)}
    return set(held) - used


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is to be kept: under whose key, for what request, of which act."""

    party_id: UUID
    key: str
    digest: bytes
    event_id: UUID
    answer: StoredAnswer

    @property
    def pieces(self) -> tuple[Part, ...]:
        """What frames the parts stands first, as a part that concerns nobody."""
        return (Part(None, self.answer.head + b"\0" + self.answer.tail), *self.answer.parts)


async def keep_answers(unit: WriteUnit, kept: Sequence[Kept], now: datetime) -> None:
    """Seal answers and bind them to their keys, in the transaction of their acts."""
    placed = [(one.event_id, n, part) for one in kept for n, part in enumerate(one.pieces)]
    await ensure_subject_keys(unit, (part.subject or REGISTRY_SUBJECT for _, _, part in placed), now)
    for first in range(0, len(placed), _AT_ONCE):
        await unit.insert(ANSWER, [_sealed(unit, *each) for each in placed[first : first + _AT_ONCE]])
    rows = [
        {
            "party_id": one.party_id,
            "key": _kept_key(unit, one.key),
            "request_digest": keyed(unit, one.digest),
            "status": one.answer.status,
            "event_id": one.event_id,
        }
        for one in kept
    ]
    await unit.insert(IDEMPOTENCY, rows)


def _sealed(unit: WriteUnit, event_id: UUID, position: int, part: Part) -> dict[str, Any]:
    key = unit.data_keys[part.subject or REGISTRY_SUBJECT]
    ciphertext = unit.instruments.vault.seal(key, part.body, _place(event_id, position))
    return {"event_id": event_id, "position": position, "subject": part.subject, "ciphertext": ciphertext}
