"""An admin connects a provider's account to a controller, and ends such a connection: while it stands, the
provider's call-backs come in as that controller's opt-outs."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.domain.parties import PartyKind
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.intake import (
    Connection,
    KnownConnection,
    add_connection,
    known_connection,
    page_of_connections,
    revoke_connection,
)
from app.storage.parties import find_holders
from app.storage.units import ReadUnit, WriteUnit
from app.usecases.act import Act

__all__ = [
    "CONNECTED",
    "REVOKED",
    "KnownConnection",
    "NewConnection",
    "connect_intake",
    "list_intake",
    "revoke_intake",
]

CONNECTED = "intake.connected"
REVOKED = "intake.revoked"


@dataclass(frozen=True, slots=True, repr=False)
class NewConnection:
    """What an admin says of a connection. `region` is that of numbers in national form."""

    controller_id: UUID
    source: str
    secrets: Mapping[str, str]
    region: str | None


async def connect_intake(unit: WriteUnit, act: Act, new: NewConnection) -> KnownConnection:
    """Keep a connection. UNKNOWN_REFERENCE when there is no such controller."""
    found = await find_holders(unit, PartyKind.CONTROLLER, [new.controller_id])
    if not found:
        raise RefusedError(Refusal.UNKNOWN_REFERENCE)
    connection = Connection(act.new_id(), found[0].controller_no, new.source, new.secrets, new.region)
    await add_connection(unit, connection, act.new_id(), act.event_id, act.now)
    detail = {"source": new.source, "controller_id": str(new.controller_id)}
    digest = act.request_digest or None
    event = Event(act.event_id, act.now, CONNECTED, act.caller, connection.id, "done", digest, detail)
    await record_events(unit, [event])
    return KnownConnection(
        connection.id, new.controller_id, new.source, new.region, act.now, None, act.event_id
    )


async def list_intake(unit: ReadUnit, after: UUID, limit: int) -> list[KnownConnection]:
    """The next connections in strict order of ids, revoked ones too."""
    return await page_of_connections(unit, after, limit)


async def revoke_intake(unit: WriteUnit, act: Act, connection_id: UUID) -> KnownConnection:
    """End a connection: from the commit on its call-backs are answered like those of none. What came in
    through it stands. NOT_FOUND, or STATE_CONFLICT when it was ended already."""
    if await known_connection(unit, connection_id) is None:
        raise RefusedError(Refusal.NOT_FOUND)
    if not await revoke_connection(unit, connection_id, act.event_id, act.now):
        raise RefusedError(Refusal.STATE_CONFLICT)
    event = Event(
        act.event_id, act.now, REVOKED, act.caller, connection_id, request_digest=act.request_digest
    )
    await record_events(unit, [event])
    revoked = await known_connection(unit, connection_id)
    if revoked is None:
        raise LookupError("the connection was there a moment ago")
    return revoked
