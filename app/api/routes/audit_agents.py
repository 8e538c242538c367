"""What stands out in what agents send, and what a suspension would touch before anybody is suspended."""

from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Request

from app.api.callers import AuditorCaller
from app.api.paging import PageDep
from app.api.routes.audit_lists import USUAL, Begin, End
from app.api.schemas.audit_agents import AuditedAgentAnswer, AuditedAgentPage, SuspensionAnswer
from app.api.state import deployment_of
from app.usecases import audit_agents as auditing

router = APIRouter(prefix="/v1/audit/agents", tags=["audit"])


@router.get("/anomalies")
async def list_anomalies(
    _caller: AuditorCaller, request: Request, page: PageDep, begin: Begin = None, end: End = None
) -> AuditedAgentPage:
    """Every agent with what it sent in a time, counted, and what stands out of that."""
    until = end or datetime.now(UTC)
    async with deployment_of(request).database.write() as unit:
        found = await auditing.audit_agents(unit, begin or until - USUAL, until, page.after, page.limit)
    items = [AuditedAgentAnswer.of(one) for one in found]
    return AuditedAgentPage(items=items, next_cursor=page.next_cursor(found))


@router.get("/{agent_id}/suspension")
async def weigh_suspension(_caller: AuditorCaller, agent_id: UUID, request: Request) -> SuspensionAnswer:
    """What a suspension of this agent would touch, stop and leave as it is. Nothing is done."""
    async with deployment_of(request).database.write() as unit:
        return SuspensionAnswer.of(await auditing.weigh_suspension(unit, agent_id, datetime.now(UTC)))
