"""Permanent idempotency: the key of an act, the digest of its request and its sealed answer, for ever.

The rows are written in the transaction of the act itself, so that a repeat finds either both or neither.
A batch's answer has a part for each item, sealed under that item's subject: an erasure takes that part alone.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.crypto.vault import Unsealable
from app.storage.events import keyed
from app.storage.sealed import REGISTRY_SUBJECT, ensure_subject_keys, subject_keys
from app.storage.tables import ANSWER, IDEMPOTENCY
from app.storage.units import WriteUnit

_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(7230, hashtext(:name))")
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
    return await _stored(unit, known)


async def _stored(unit: WriteUnit, known: Row[Any]) -> StoredAnswer:
    rows = await unit.rows(_PARTS, {"event_id": known.event_id})
    keys = await subject_keys(unit, {row.subject or REGISTRY_SUBJECT for row in rows})
    opened = [_open(unit, keys, known.event_id, row) for row in rows]
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


async def keep_answer(
    unit: WriteUnit,
    party_id: UUID,
    key: str,
    digest: bytes,
    event_id: UUID,
    answer: StoredAnswer,
    now: datetime,
) -> None:
    """Seal an answer and bind it to its key, in the act's own transaction."""
    parts = (Part(None, answer.head + b"\0" + answer.tail), *answer.parts)
    keys = await ensure_subject_keys(unit, {part.subject or REGISTRY_SUBJECT for part in parts}, now)
    rows = [
        {
            "event_id": event_id,
            "position": position,
            "subject": part.subject,
            "ciphertext": unit.instruments.vault.seal(
                keys[part.subject or REGISTRY_SUBJECT], part.body, _place(event_id, position)
            ),
        }
        for position, part in enumerate(parts)
    ]
    await unit.insert(ANSWER, rows)
    identity = {"party_id": party_id, "key": _kept_key(unit, key), "request_digest": keyed(unit, digest)}
    await unit.insert(IDEMPOTENCY, [{**identity, "status": answer.status, "event_id": event_id}])
