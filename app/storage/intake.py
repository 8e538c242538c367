"""Connections to providers, their ends, and which of their messages were taken in already."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.storage.sealed import REGISTRY_SUBJECT, Plain, seal, unseal
from app.storage.tables import INTAKE_CONNECTION, INTAKE_MESSAGE
from app.storage.units import ReadUnit, WriteUnit

_FIND = text("""
SELECT c.controller_no, c.source, c.sealed_id FROM registry.intake_connection c
WHERE c.id = :id
  AND NOT EXISTS (SELECT FROM registry.intake_revocation r WHERE r.connection_id = c.id)
""")
_KNOWN = """
SELECT c.id, c.source, c.sealed_id, c.created_at, c.event_id, h.party_id AS controller_id, r.at AS revoked_at
FROM registry.intake_connection c
JOIN registry.holder h ON h.controller_no = c.controller_no
LEFT JOIN registry.intake_revocation r ON r.connection_id = c.id
"""
_PAGE = text(f"{_KNOWN} WHERE c.id > :after ORDER BY c.id LIMIT :limit")
_ONE = text(f"{_KNOWN} WHERE c.id = :id")
_REVOKE = text("""
INSERT INTO registry.intake_revocation (connection_id, at, event_id) VALUES (:id, :at, :event_id)
ON CONFLICT DO NOTHING
""")
_SEEN = text("""
SELECT message_id FROM registry.intake_message
WHERE controller_no = :number AND connection_id = :connection_id AND message_id = ANY(:ids)
""")


@dataclass(frozen=True, slots=True, repr=False)
class Connection:
    """A provider's connection: whose it is, and what its messages are verified with."""

    id: UUID
    controller_no: int
    source: str
    secrets: Mapping[str, str]
    region: str | None


@dataclass(frozen=True, slots=True)
class KnownConnection:
    """A connection as admins see it: without its secrets. `event_id` is that of the act that made it."""

    id: UUID
    controller_id: UUID
    source: str
    region: str | None
    created_at: datetime
    revoked_at: datetime | None
    event_id: UUID


async def add_connection(
    unit: WriteUnit, connection: Connection, sealed_id: UUID, event_id: UUID, now: datetime
) -> None:
    """Keep a connection; its secrets are sealed, and come out again for the verification alone."""
    kept = {"secrets": dict(connection.secrets), "region": connection.region}
    await seal(unit, [Plain(sealed_id, REGISTRY_SUBJECT, "intake_connection", kept)], now)
    row = {"id": connection.id, "controller_no": connection.controller_no, "source": connection.source}
    stamp = {"sealed_id": sealed_id, "created_at": now, "event_id": event_id}
    await unit.insert(INTAKE_CONNECTION, [{**row, **stamp}])


async def find_connection(unit: ReadUnit, connection_id: UUID) -> Connection | None:
    """A connection with its secrets; None for one that does not exist, and for one that was revoked."""
    row = await unit.row(_FIND, {"id": connection_id})
    if row is None:
        return None
    kept: Any = (await unseal(unit, [row.sealed_id]))[row.sealed_id]
    return Connection(connection_id, row.controller_no, row.source, kept["secrets"], kept["region"])


async def page_of_connections(unit: ReadUnit, after: UUID, limit: int) -> list[KnownConnection]:
    """Connections in the order of their ids, revoked ones too."""
    return await _known(unit, await unit.rows(_PAGE, {"after": after, "limit": limit}))


async def known_connection(unit: ReadUnit, connection_id: UUID) -> KnownConnection | None:
    """One connection, revoked or not."""
    found = await _known(unit, await unit.rows(_ONE, {"id": connection_id}))
    return found[0] if found else None


async def _known(unit: ReadUnit, rows: Sequence[Any]) -> list[KnownConnection]:
    kept = await unseal(unit, [row.sealed_id for row in rows])
    return [
        KnownConnection(
            id=row.id,
            controller_id=row.controller_id,
            source=row.source,
            region=kept[row.sealed_id]["region"],
            created_at=row.created_at,
            revoked_at=row.revoked_at,
            event_id=row.event_id,
        )
        for row in rows
    ]


async def revoke_connection(unit: WriteUnit, connection_id: UUID, event_id: UUID, now: datetime) -> bool:
    """End a connection; False when it was ended already."""
    return await unit.run(_REVOKE, {"id": connection_id, "at": now, "event_id": event_id}) > 0


def message_key(unit: ReadUnit, message_id: str) -> UUID:
    """A provider's message id in one length, which says nothing without the key."""
    return unit.instruments.fingerprints.text("subject", f"message {message_id}")


async def seen_messages(unit: ReadUnit, connection: Connection, ids: Collection[UUID]) -> set[UUID]:
    """Those of the messages that were taken in before. The list is locked, so nobody is adding one now."""
    values = {"number": connection.controller_no, "connection_id": connection.id, "ids": list(ids)}
    return {row.message_id for row in await unit.rows(_SEEN, values)}


async def add_messages(
    unit: WriteUnit, connection: Connection, messages: Sequence[tuple[UUID, str]], event_id: UUID
) -> None:
    """Note messages as taken in, each with its meaning."""
    place = {"controller_no": connection.controller_no, "connection_id": connection.id, "event_id": event_id}
    await unit.insert(INTAKE_MESSAGE, [{**place, "message_id": i, "meaning": m} for i, m in messages])
