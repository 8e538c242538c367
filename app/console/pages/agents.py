"""Objection agents: who they are, what stands out in what they send, and suspending one with what that
touches shown first."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from app.console.doors import act, page
from app.console.rendering import number
from app.console.visits import Visit
from app.domain.anomalies import SUSPENSION_LEAVES, SUSPENSION_STOPS, Anomaly, Finding
from app.usecases import audit_agents as auditing
from app.usecases import suspend_agent as suspending
from app.usecases.oversee import COUNTED, DAYS, list_agents, show_agent

ROWS = 50
FIGURES: Final = (
    "mandates",
    "rejected",
    "objections",
    "refused",
    "busiest_hour",
    "grantors",
    "on_one_device",
)
"""What is shown of an agent's figures, in this order."""

IMPACT: Final = (
    "mandates_in_force",
    "mandates_in_doubt",
    "grantors",
    "credentials",
    "objections_in_force",
    "objections_waiting",
    "objections_everywhere",
    "controllers",
    "entries_in_force",
)
"""What rests on an agent, in this order: what begins with "of these" after what it is a part of."""


async def listing(visit: Visit) -> Response:
    """In the order of registration. What stands out is shown if it could be counted in time."""
    after = visit.asked_id("after") or UUID(int=0)
    async with visit.parts.database.read() as unit:
        rows, more = await list_agents(unit, after, ROWS)
    begin = visit.now - timedelta(DAYS)
    audited = await visit.in_time(lambda unit: auditing.audit_agents(unit, begin, visit.now, after, ROWS))
    findings = None if audited is None else {agent.id: agent.findings for agent in audited}
    return visit.page("agents.html", rows=rows, onward=rows[-1].id if more else None, findings=findings)


async def one(visit: Visit) -> Response:
    agent_id = visit.id("agent_id")
    async with visit.parts.database.read() as unit:
        agent, (mandates, objections) = await show_agent(unit, agent_id)
    begin = visit.now - timedelta(DAYS)
    audited = await visit.in_time(lambda unit: auditing.audit_agent(unit, agent_id, begin, visit.now))
    return visit.page(
        "agent.html",
        agent=agent,
        mandates=mandates,
        objections=objections,
        most=COUNTED,
        days=DAYS,
        figures={name: getattr(audited.figures, name) for name in FIGURES} if audited else None,
        findings=[_told(visit, finding) for finding in audited.findings] if audited else [],
    )


async def weigh(visit: Visit) -> Response:
    """What a suspension would touch, stop and leave as it is; the form stands below it."""
    agent_id = visit.id("agent_id")
    # The report has a write's time, and not that of a lookup: without it nobody sees what they do.
    async with visit.parts.database.write() as unit:
        impact = await auditing.weigh_suspension(unit, agent_id, visit.now)
        agent, _ = await show_agent(unit, agent_id)
    return visit.page(
        "suspension.html",
        agent=agent,
        impact={name: impact.counts[name] for name in IMPACT},
        stops=list(SUSPENSION_STOPS),
        leaves=list(SUSPENSION_LEAVES),
    )


def _told(visit: Visit, finding: Finding) -> dict[str, Any]:
    """An anomaly in words; a share is told in per cent."""
    times = 100 if finding.code is Anomaly.HIGH_REJECTS else 1
    figures = {
        "found": number(round(finding.found * times)),
        "threshold": number(round(finding.threshold * times)),
    }
    return {"code": finding.code.value, "text": visit.word(f"anomaly.{finding.code.value}", **figures)}


async def suspend(visit: Visit) -> Response:
    """Nothing new is taken in from the agent; what it posted stays in force."""
    agent_id, reason = visit.id("agent_id"), visit.text("reason")
    await visit.act(
        suspending.SUSPENDED, lambda unit, act_: suspending.suspend_agent(unit, act_, agent_id, reason)
    )
    return visit.go(f"/agents/{agent_id}", "suspended")


async def resume(visit: Visit) -> Response:
    agent_id, reason = visit.id("agent_id"), visit.text("reason")
    await visit.act(
        suspending.RESUMED, lambda unit, act_: suspending.resume_agent(unit, act_, agent_id, reason)
    )
    return visit.go(f"/agents/{agent_id}", "resumed")


DOORS = (
    page("/agents", listing),
    page("/agents/{agent_id}", one),
    page("/agents/{agent_id}/suspension", weigh),
    act("/agents/{agent_id}/suspend", suspend),
    act("/agents/{agent_id}/resume", resume),
)
