"""Objection agents: registering, suspending, resuming."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from app.api.acts import ActsDep, spoken
from app.api.bodies import body_of
from app.api.callers import AdminCaller
from app.api.schemas.agents import (
    AgentAnswer,
    AgentRequest,
    AgentStateAnswer,
    AgentStateRequest,
    RelyingPartyAnswer,
    RelyingPartyRequest,
)
from app.usecases import name_relying_party as naming
from app.usecases import register_agent as registering
from app.usecases import suspend_agent as suspending

router = APIRouter(tags=["parties"])


@router.post("/v1/agents", status_code=201, response_model=AgentAnswer)
async def register_agent(
    caller: AdminCaller, body: Annotated[AgentRequest, body_of(AgentRequest)], acts: ActsDep
) -> Response:
    """Register an objection agent with the keys that it signs mandates and assertions with."""
    return await acts.run(
        caller,
        registering.REGISTERED,
        lambda unit, act: registering.register_agent(unit, act, body.new()),
        lambda made: spoken(201, AgentAnswer.of(made)),
    )


@router.post("/v1/agents/{agent_id}/relying-parties", status_code=201, response_model=RelyingPartyAnswer)
async def name_relying_party(
    caller: AdminCaller,
    agent_id: UUID,
    body: Annotated[RelyingPartyRequest, body_of(RelyingPartyRequest)],
    acts: ActsDep,
) -> Response:
    """Say under which name an agent orders eID signatures: only those are evidence for its mandates."""
    return await acts.run(
        caller,
        naming.NAMED,
        lambda unit, act: naming.name_relying_party(unit, act, agent_id, body.scheme, body.subject),
        lambda named: spoken(201, RelyingPartyAnswer(**asdict(named))),
    )


@router.post("/v1/agents/{agent_id}/suspend", response_model=AgentStateAnswer)
async def suspend_agent(
    caller: AdminCaller,
    agent_id: UUID,
    body: Annotated[AgentStateRequest, body_of(AgentStateRequest)],
    acts: ActsDep,
) -> Response:
    """Take nothing new in from an agent. What it posted before stays in force."""
    return await acts.run(
        caller,
        suspending.SUSPENDED,
        lambda unit, act: suspending.suspend_agent(unit, act, agent_id, body.reason),
        lambda changed: spoken(200, AgentStateAnswer.of(changed)),
    )


@router.post("/v1/agents/{agent_id}/resume", response_model=AgentStateAnswer)
async def resume_agent(
    caller: AdminCaller,
    agent_id: UUID,
    body: Annotated[AgentStateRequest, body_of(AgentStateRequest)],
    acts: ActsDep,
) -> Response:
    """Take in again from a suspended agent."""
    return await acts.run(
        caller,
        suspending.RESUMED,
        lambda unit, act: suspending.resume_agent(unit, act, agent_id, body.reason),
        lambda changed: spoken(200, AgentStateAnswer.of(changed)),
    )
