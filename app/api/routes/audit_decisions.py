"""What would have been answered at one moment, knowing what was known at another."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from app.api.bodies import JSON, BodyReader, body_of
from app.api.callers import AuditorCaller
from app.api.problems import EdgeError
from app.api.routes.audit import StatedPurpose
from app.api.routes.lookups import position_of
from app.api.schemas.audited_decisions import DecisionAnswer, DecisionRequest, Position
from app.api.schemas.base import BODY_BYTES, Time
from app.api.schemas.scopes import ServiceId
from app.api.state import deployment_of
from app.api.validation import field_error
from app.domain.facts import Question
from app.domain.parties import Caller
from app.usecases import audit_decision as auditing
from app.usecases.act import Act

router = APIRouter(prefix="/v1/audit", tags=["audit"])

_READER = BodyReader(DecisionRequest, BODY_BYTES, JSON)


@router.api_route("/decisions", methods=["QUERY"], include_in_schema=False)
@router.post("/decisions")
async def audit_decision(
    caller: AuditorCaller,
    purpose: StatedPurpose,
    body: Annotated[DecisionRequest, body_of(DecisionRequest)],
    request: Request,
) -> DecisionAnswer:
    """What would have been answered at `at`, knowing what was known at `known_at`. The identifier stands in
    the body, and is kept nowhere."""
    return await _answer(request, _act(caller, purpose), body)


@router.get("/decisions")
async def audit_entry_decision(
    caller: AuditorCaller,
    purpose: StatedPurpose,
    request: Request,
    entry_id: Annotated[UUID | None, Query(description="An entry that an answer cites.")] = None,
    controller_id: Annotated[UUID | None, Query(description="The controller that was asked for.")] = None,
    channel: Annotated[str | None, Query(max_length=40)] = None,
    said_purpose: Annotated[str | None, Query(alias="purpose", max_length=40)] = None,
    service_id: Annotated[ServiceId | None, Query()] = None,
    at: Annotated[Time | None, Query(description="By default now.")] = None,
    known_at: Annotated[Time | None, Query(description="By default `at`, or now if that lies ahead.")] = None,
    as_of: Annotated[Position | None, Query(description="As given by a lookup.")] = None,
) -> DecisionAnswer:
    """The same of whomever an entry is about: it is named by the entry, as an identifier never stands in a
    URL. A body like that of the POST is understood, too."""
    act = _act(caller, purpose)
    if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
        return await _answer(request, act, await _READER(request))
    if entry_id is None or controller_id is None:
        missing = "controller_id" if entry_id else "entry_id"
        raise EdgeError("VALIDATION", errors=[field_error("missing", ("query", missing))])
    moment = at or act.now
    async with deployment_of(request).database.write() as unit:
        query = auditing.DecisionQuery(
            controller_id=controller_id,
            question=Question(channel, said_purpose, service_id=service_id),
            identifier=await auditing.identifier_behind(unit, controller_id, entry_id),
            at=moment,
            known_at=known_at or min(moment, act.now),
            as_of=position_of(as_of),
        )
        return DecisionAnswer.of(query, await auditing.audit_decision(unit, act, query))


def _act(caller: Caller, purpose: str) -> Act:
    return Act.begin(datetime.now(UTC), caller, b"", purpose)


async def _answer(request: Request, act: Act, body: DecisionRequest) -> DecisionAnswer:
    query = auditing.DecisionQuery(
        controller_id=body.controller_id,
        question=body.question(),
        identifier=body.identifier,
        at=body.at,
        known_at=body.known_at or min(body.at, act.now),
        region=body.region,
        source_id=body.source.id if body.source else None,
        as_of=position_of(body.as_of),
    )
    async with deployment_of(request).database.write() as unit:
        return DecisionAnswer.of(query, await auditing.audit_decision(unit, act, query))
