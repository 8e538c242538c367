"""An admin suspends an agent, or resumes it. A suspended agent may read; nothing new is taken in from it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.parties import AgentState, PartyKind
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.parties import add_party_state, find_party, party_state
from app.storage.units import WriteUnit
from app.usecases.act import Act

SUSPENDED = "agent.suspended"
RESUMED = "agent.resumed"


@dataclass(frozen=True, slots=True)
class ChangedAgent:
    """An agent's state from a moment on."""

    id: UUID
    state: AgentState
    at: datetime
    event_id: UUID


async def suspend_agent(unit: WriteUnit, act: Act, agent_id: UUID, reason: str) -> ChangedAgent:
    """What the agent posted before stays in force. Refused with NOT_FOUND, or STATE_CONFLICT when it is
    suspended already."""
    return await _change(unit, act, agent_id, AgentState.SUSPENDED, reason)


async def resume_agent(unit: WriteUnit, act: Act, agent_id: UUID, reason: str) -> ChangedAgent:
    """Refused with NOT_FOUND, or STATE_CONFLICT when the agent is not suspended."""
    return await _change(unit, act, agent_id, AgentState.ACTIVE, reason)


async def _change(unit: WriteUnit, act: Act, agent_id: UUID, wanted: AgentState, reason: str) -> ChangedAgent:
    party = await find_party(unit, agent_id)
    if party is None or party.kind != PartyKind.AGENT:
        raise RefusedError(Refusal.NOT_FOUND)
    if act.who.party_id == agent_id:
        raise RefusedError(Refusal.ROLE_DENIED, "An agent is suspended and resumed by others.")
    ordinal, state = await party_state(unit, agent_id)
    # Of two admins at once, one takes the next ordinal; the other comes too late and is told so.
    if state == wanted or not await add_party_state(
        unit,
        party_id=agent_id,
        ordinal=ordinal + 1,
        state=wanted.value,
        reason=reason,
        event_id=act.event_id,
        now=act.now,
    ):
        raise RefusedError(Refusal.STATE_CONFLICT)
    kind = SUSPENDED if wanted is AgentState.SUSPENDED else RESUMED
    event = Event(act.event_id, act.now, kind, act.caller, agent_id, request_digest=act.request_digest)
    await record_events(unit, [event])
    return ChangedAgent(agent_id, wanted, act.now, act.event_id)
