"""What stands out in what agents send, and what a suspension would touch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.anomalies import AgentFigures, Finding, anomalies
from app.domain.parties import PartyKind
from app.domain.refusals import Refusal, RefusedError
from app.storage.agent_figures import agents_after, figures_of, standing_of
from app.storage.parties import find_party, party_state
from app.storage.units import ReadUnit


@dataclass(frozen=True, slots=True)
class AuditedAgent:
    """One agent in a time: what was counted, and what stands out of it."""

    id: UUID
    figures: AgentFigures
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Impact:
    """What rests on an agent: counts by name, and whether it is suspended already."""

    agent_id: UUID
    state: str
    counts: Mapping[str, int]


async def audit_agents(
    unit: ReadUnit, begin: datetime, end: datetime, after: UUID, limit: int
) -> list[AuditedAgent]:
    """Agents in the order of their ids. RefusedError INVALID_TIME."""
    if begin >= end:
        raise RefusedError(Refusal.INVALID_TIME, "The time ends before it begins.")
    agents = await agents_after(unit, after, limit)
    figures = await figures_of(unit, agents, begin, end) if agents else {}
    return [AuditedAgent(agent, figures[agent], anomalies(figures[agent])) for agent in agents]


async def audit_agent(unit: ReadUnit, agent_id: UUID, begin: datetime, end: datetime) -> AuditedAgent:
    """One agent, whom the caller knows to be there."""
    figures = (await figures_of(unit, [agent_id], begin, end))[agent_id]
    return AuditedAgent(agent_id, figures, anomalies(figures))


async def weigh_suspension(unit: ReadUnit, agent_id: UUID, now: datetime) -> Impact:
    """What a suspension of this agent would touch. Nothing is done. RefusedError NOT_FOUND."""
    party = await find_party(unit, agent_id)
    if party is None or party.kind != PartyKind.AGENT:
        raise RefusedError(Refusal.NOT_FOUND)
    _, state = await party_state(unit, agent_id)
    return Impact(agent_id, state, await standing_of(unit, agent_id, now))
