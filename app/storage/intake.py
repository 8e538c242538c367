"""Connections to providers, and which of their messages were taken in already."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.storage.sealed import REGISTRY_SUBJECT, Plain, seal, unseal
from app.storage.tables import INTAKE_CONNECTION, INTAKE_MESSAGE
from app.storage.units import ReadUnit, WriteUnit

_FIND = text("SELECT controller_no, source, sealed_id FROM registry.intake_connection WHERE id = :id")
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
    """A connection with its secrets; None for one that does not exist."""
    row = await unit.row(_FIND, {"id": connection_id})
    if row is None:
        return None
    kept: Any = (await unseal(unit, [row.sealed_id]))[row.sealed_id]
    return Connection(connection_id, row.controller_no, row.source, kept["secrets"], kept["region"])


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
