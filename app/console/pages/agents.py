"""Objection agents: who they are, what rests on them, and suspending one with that shown first."""

from uuid import UUID

from starlette.responses import Response

from app.console.doors import act, page
from app.console.visits import Visit
from app.usecases import suspend_agent as suspending
from app.usecases.oversee import COUNTED, list_agents, show_agent

ROWS = 50


async def listing(visit: Visit) -> Response:
    async with visit.parts.database.read() as unit:
        rows, more = await list_agents(unit, visit.asked_id("after") or UUID(int=0), ROWS)
    return visit.page("agents.html", rows=rows, onward=rows[-1].id if more else None)


async def one(visit: Visit) -> Response:
    async with visit.parts.database.read() as unit:
        agent, (mandates, objections) = await show_agent(unit, visit.id("agent_id"))
    return visit.page("agent.html", agent=agent, mandates=mandates, objections=objections, most=COUNTED)


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
    act("/agents/{agent_id}/suspend", suspend),
    act("/agents/{agent_id}/resume", resume),
)
