"""Mandates: an agent registers and ends its own; an admin or auditor reads all, and leaves a trace."""

import json
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.acts import ActsDep, spoken
from app.api.bodies import body_of
from app.api.callers import AgentCaller, MandateReader, MandateRevoker
from app.api.cursors import limit_of, open_cursor, seal_cursor
from app.api.paging import FIRST, PageDep
from app.api.problems import EdgeError
from app.api.schemas.mandates import (
    MandateAnswer,
    MandateChecksAnswer,
    MandateEventAnswer,
    MandateEventPage,
    MandatePage,
    MandateRequest,
    PreviewAnswer,
    PreviewRequest,
    RevokeMandateRequest,
)
from app.api.schemas.mandates_beside import MandatesBeside
from app.api.state import deployment_of
from app.domain.parties import Caller
from app.usecases import preview_mandate as previewing
from app.usecases import read_mandates as reading
from app.usecases import register_mandate as registering
from app.usecases import revoke_mandate as revoking
from app.usecases.act import Act

router = APIRouter(prefix="/v1/mandates", tags=["mandates"])


@router.post("", status_code=201, response_model=MandateAnswer)
async def register_mandate(
    caller: AgentCaller,
    body: Annotated[MandateRequest, body_of(MandateRequest)],
    request: Request,
    acts: ActsDep,
) -> Response:
    """Register a signed mandate. One whose checks fail is registered as rejected, with what was found."""
    command = body.command(json.loads(request.state.raw_body))
    return await acts.run(
        caller,
        registering.REGISTERED,
        lambda unit, act: registering.register_mandate(unit, act, command),
        lambda view: spoken(201, MandateAnswer.of(view), view.subject),
    )


@router.post("/preview")
async def preview_mandate(
    caller: AgentCaller, body: Annotated[PreviewRequest, body_of(PreviewRequest)], request: Request
) -> PreviewAnswer:
    """The text that the grantor is to be shown, and what is to be signed with it. Nothing is stored."""
    del body  # It was read to refuse what could not be registered either.
    received = json.loads(request.state.raw_body)
    async with deployment_of(request).database.read() as unit:
        preview = await previewing.preview_mandate(unit, caller, received)
    return PreviewAnswer(
        claims_digest=preview.claims_digest,
        visible_text=preview.visible_text,
        hidden_data=preview.hidden_data,
    )


@router.get("")
async def list_mandates(caller: MandateReader, page: PageDep, request: Request) -> MandatePage:
    """The mandates that the caller may see, oldest first."""
    database = deployment_of(request).database
    views = await reading.read_mandates(database, _act(request, caller), page.after, page.limit)
    return MandatePage(items=[MandateAnswer.of(view) for view in views], next_cursor=page.next_cursor(views))


@router.get("/{mandate_id}")
async def read_mandate(caller: MandateReader, mandate_id: UUID, request: Request) -> MandateAnswer:
    """One mandate as it stands now."""
    database = deployment_of(request).database
    return MandateAnswer.of(await reading.read_mandate(database, _act(request, caller), mandate_id))


@router.get("/{mandate_id}/beside")
async def list_mandates_beside(caller: MandateReader, mandate_id: UUID, request: Request) -> MandatesBeside:
    """The grantor's other mandates that hold beside this one. Each stands alone."""
    database = deployment_of(request).database
    return MandatesBeside.of(await reading.read_mandates_beside(database, _act(request, caller), mandate_id))


@router.get("/{mandate_id}/checks")
async def read_mandate_checks(
    caller: MandateReader, mandate_id: UUID, request: Request
) -> MandateChecksAnswer:
    """What was checked when the mandate came in, and found, and each later finding."""
    database = deployment_of(request).database
    view, later = await reading.read_mandate_checks(database, _act(request, caller), mandate_id)
    return MandateChecksAnswer.of(view, later)


@router.get("/{mandate_id}/events")
async def list_mandate_events(
    caller: MandateReader,
    mandate_id: UUID,
    request: Request,
    limit: str | None = None,
    cursor: str | None = None,
) -> MandateEventPage:
    """What happened to one mandate, oldest first, up to when the first page was asked for."""
    deployment, act = deployment_of(request), _act(request, caller)
    key, name = deployment.ring.cursor_key, f"events of {mandate_id}"
    place = {"after": str(FIRST), "before": str(act.event_id)}
    if cursor is not None:
        place = _place(key, cursor, name)
    events, more = await reading.read_mandate_events(
        deployment.database, act, mandate_id, UUID(place["after"]), UUID(place["before"]), limit_of(limit)
    )
    onward = seal_cursor(key, {**place, "of": name, "after": str(events[-1].id)}) if more else None
    return MandateEventPage(items=[MandateEventAnswer.of(event) for event in events], next_cursor=onward)


@router.post("/{mandate_id}/revoke", response_model=MandateAnswer)
async def revoke_mandate(
    caller: MandateRevoker,
    body: Annotated[RevokeMandateRequest, body_of(RevokeMandateRequest)],
    mandate_id: UUID,
    acts: ActsDep,
) -> Response:
    """End a mandate. Objections that were received under it stay in force."""
    return await acts.run(
        caller,
        revoking.REVOKED,
        lambda unit, act: revoking.revoke_mandate(unit, act, mandate_id, body.reason, body.revoked_by),
        lambda view: spoken(200, MandateAnswer.of(view), view.subject),
    )


def _act(request: Request, caller: Caller) -> Act:
    """A read with its stated purpose."""
    return Act.begin(datetime.now(UTC), caller, b"", request.scope["state"]["stated_purpose"])


def _place(key: bytes, cursor: str, name: str) -> dict[str, str]:
    """Where a list goes on. A cursor of another list is none of this one."""
    place = open_cursor(key, cursor)
    if place.get("of") != name:
        raise EdgeError("BAD_CURSOR")
    return place
