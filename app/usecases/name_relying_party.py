"""An admin says under which name an agent orders signatures, so that nobody uses what another one ordered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.parties import PartyKind
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.evidence import add_relying_party, relying_parties
from app.storage.parties import find_party
from app.storage.units import WriteUnit
from app.usecases.act import Act

NAMED = "agent.relying_party_named"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """A name of an agent in an eID scheme, from a moment on."""

    agent_id: UUID
    scheme: str
    subject: str
    at: datetime
    event_id: UUID


async def name_relying_party(
    unit: WriteUnit, act: Act, agent_id: UUID, scheme: str, subject: str
) -> RelyingParty:
    """Refused with NOT_FOUND for what is no agent, and with STATE_CONFLICT for a name that it has already."""
    party = await find_party(unit, agent_id)
    if party is None or party.kind != PartyKind.AGENT:
        raise RefusedError(Refusal.NOT_FOUND)
    if subject in await relying_parties(unit, agent_id, scheme):
        raise RefusedError(Refusal.STATE_CONFLICT, "The agent has this name already.")
    row = {"agent_id": agent_id, "scheme": scheme, "subject": subject, "event_id": act.event_id}
    await add_relying_party(unit, row, act.now)
    event = Event(act.event_id, act.now, NAMED, act.caller, agent_id, request_digest=act.request_digest)
    await record_events(unit, [event])
    return RelyingParty(agent_id, scheme, subject, act.now, act.event_id)
