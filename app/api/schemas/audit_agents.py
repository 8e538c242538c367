"""What auditors are told of agents."""

from dataclasses import asdict
from typing import Literal
from uuid import UUID

from app.api.schemas.base import Answer
from app.domain.anomalies import SUSPENSION_LEAVES, SUSPENSION_STOPS
from app.usecases.audit_agents import AuditedAgent, Impact


class AnomalyAnswer(Answer):
    """Something that stands out: the figure, and the threshold that it reaches."""

    code: Literal["BURST", "REUSED_EVIDENCE", "SHARED_DEVICE", "HIGH_REJECTS"]
    found: float
    threshold: float


class AuditedAgentAnswer(Answer):
    """What was counted of one agent in a time, and what stands out. `refused` acts were not done; `rejected`
    mandates did not pass their checks; `hours` are those with any act; `on_one_device` is the greatest number
    of grantors who signed on one device."""

    agent_id: UUID
    mandates: int
    rejected: int
    objections: int
    refused: int
    rejected_share: float
    hours: int
    busiest_hour: int
    grantors: int
    on_one_device: int
    reused: int
    anomalies: list[AnomalyAnswer]

    @staticmethod
    def of(agent: AuditedAgent) -> "AuditedAgentAnswer":
        """One row of the list."""
        found = [
            AnomalyAnswer(code=one.code.value, found=one.found, threshold=one.threshold)
            for one in agent.findings
        ]
        return AuditedAgentAnswer(
            agent_id=agent.id,
            rejected_share=agent.figures.rejected_share,
            anomalies=found,
            **asdict(agent.figures),
        )


class AuditedAgentPage(Answer):
    """Agents in the order of their registration."""

    items: list[AuditedAgentAnswer]
    next_cursor: str | None


class EffectOfSuspension(Answer):
    """One thing that a suspension does, or does not do."""

    code: str
    text: str


class SuspensionAnswer(Answer):
    """What rests on an agent now, what a suspension would stop, and what it would leave as it is."""

    agent_id: UUID
    state: Literal["active", "suspended"]
    mandates_in_force: int
    mandates_in_doubt: int
    grantors: int
    objections_in_force: int
    objections_waiting: int
    objections_everywhere: int
    entries_in_force: int
    controllers: int
    credentials: int
    stops: list[EffectOfSuspension]
    leaves: list[EffectOfSuspension]

    @staticmethod
    def of(impact: Impact) -> "SuspensionAnswer":
        """The report on one agent."""
        return SuspensionAnswer(
            agent_id=impact.agent_id,
            state="suspended" if impact.state == "suspended" else "active",
            stops=[EffectOfSuspension(code=code, text=text) for code, text in SUSPENSION_STOPS.items()],
            leaves=[EffectOfSuspension(code=code, text=text) for code, text in SUSPENSION_LEAVES.items()],
            **impact.counts,
        )
