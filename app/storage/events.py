"""One event row for every act, refusals too: who, what, when, a digest of the request. No identifier."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.domain.ids import uuid7
from app.domain.parties import Caller
from app.storage.tables import EVENT
from app.storage.units import ReadUnit, Rows, WriteUnit


@dataclass(frozen=True, slots=True)
class Event:
    """`detail` takes codes, ids and counts only; `outcome` is `done` or a refusal code."""

    id: UUID
    at: datetime
    kind: str
    caller: Caller | None
    object_id: UUID | None = None
    outcome: str = "done"
    request_digest: bytes | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def keyed(unit: ReadUnit, digest: bytes) -> bytes:
    """A digest of something sent, in a form that says nothing without the key; 16 bytes."""
    return unit.instruments.fingerprints.text("subject", f"digest {digest.hex()}").bytes


async def record_events(unit: WriteUnit, events: Sequence[Event]) -> None:
    """Write events in the transaction of the act that they tell of. The digests of the requests are kept
    keyed: where all but one number is known, whoever steals the database could search through bare ones."""
    digests = {e.request_digest for e in events if e.request_digest}
    kept = {digest: keyed(unit, digest) for digest in digests}
    await unit.insert(
        EVENT,
        [
            {
                "id": e.id,
                "at": e.at,
                "kind": e.kind,
                "actor_id": e.caller.party_id if e.caller else None,
                "actor_role": e.caller.role.value if e.caller else None,
                "credential_id": e.caller.credential_id if e.caller else None,
                "object_id": e.object_id,
                "request_digest": kept.get(e.request_digest or b""),
                "outcome": e.outcome,
                "detail": dict(e.detail),
            }
            for e in events
        ],
    )


_OF_OBJECT = text("""
SELECT id, at, kind, actor_role, outcome, detail FROM registry.event
WHERE object_id = :object_id AND id > :after ORDER BY id LIMIT :limit
""")


async def events_of(unit: ReadUnit, object_id: UUID, after: UUID, limit: int) -> Rows:
    """What happened to one mandate, objection or entry, oldest first, after an event id."""
    return await unit.rows(_OF_OBJECT, {"object_id": object_id, "after": after, "limit": limit})


_OF_KINDS = text("""
SELECT id, at, kind, object_id, detail FROM registry.event
WHERE object_id = ANY(:object_ids) AND kind = ANY(:kinds) AND id >= :since ORDER BY id DESC LIMIT :limit
""")


async def newest_of_kinds(
    unit: ReadUnit, object_ids: Collection[UUID], kinds: Sequence[str], since: datetime, limit: int
) -> Rows:
    """What of these kinds happened to these things since then, newest first."""
    asked = {"object_ids": list(object_ids), "kinds": list(kinds), "since": uuid7(since, bytes(10))}
    return await unit.rows(_OF_KINDS, {**asked, "limit": limit})
