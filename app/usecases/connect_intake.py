"""An admin connects a provider's account to a controller: its call-backs come in as that controller's
opt-outs."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.domain.parties import PartyKind
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.intake import Connection, add_connection
from app.storage.parties import find_holders
from app.storage.units import WriteUnit
from app.usecases.act import Act

CONNECTED = "intake.connected"


@dataclass(frozen=True, slots=True, repr=False)
class NewConnection:
    """What an admin says of a connection. `region` is that of numbers in national form."""

    controller_id: UUID
    source: str
    secrets: Mapping[str, str]
    region: str | None


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection as it is answered: without its secrets."""

    id: UUID
    controller_id: UUID
    source: str
    region: str | None
    event_id: UUID


async def connect_intake(unit: WriteUnit, act: Act, new: NewConnection) -> Connected:
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
    return Connected(connection.id, new.controller_id, new.source, new.region, act.event_id)
