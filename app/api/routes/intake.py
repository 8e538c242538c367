"""Providers' doors: connections, and the call-backs that come through them."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.acts import ActsDep, spoken
from app.api.bodies import RawBody, body_of, raw_body
from app.api.callers import AdminCaller
from app.api.paging import PageDep
from app.api.problems import EdgeError
from app.api.schemas.intake import (
    IntakeConnectionAnswer,
    IntakeConnectionRequest,
    IntakeConnectionsAnswer,
)
from app.api.state import deployment_of
from app.api.unattended import run_unattended
from app.api.validation import field_error
from app.domain.call_backs import Call
from app.intake import WAYS
from app.usecases.connect_intake import CONNECTED, REVOKED, connect_intake, list_intake, revoke_intake
from app.usecases.receive_call_back import proven_connection, receive_call_back, refuse_call_back

router = APIRouter(prefix="/v1/intake", tags=["intake"])

_MEDIA: Final = ("application/x-www-form-urlencoded", "application/json")
# 46elks and others send the user and password of the URL only when they are asked for them.
_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="sparr"'}


@router.post("/connections", status_code=201, response_model=IntakeConnectionAnswer)
async def post_intake_connection(
    caller: AdminCaller,
    body: Annotated[IntakeConnectionRequest, body_of(IntakeConnectionRequest)],
    acts: ActsDep,
    request: Request,
) -> Response:
    """Connect a provider's account to a controller. The secrets are sealed and never shown again."""
    if not body.complete():
        raise EdgeError("VALIDATION", errors=[field_error("missing", ("secrets",))])
    issuer = deployment_of(request).issuer
    return await acts.run(
        caller,
        CONNECTED,
        lambda unit, act: connect_intake(unit, act, body.new()),
        lambda made: spoken(201, IntakeConnectionAnswer.of(made, issuer)),
    )


@router.get("/connections")
async def read_intake_connections(
    _caller: AdminCaller, request: Request, page: PageDep
) -> IntakeConnectionsAnswer:
    """All connections, revoked ones too; never their secrets."""
    deployment = deployment_of(request)
    async with deployment.database.read() as unit:
        found = await list_intake(unit, page.after, page.limit)
    items = [IntakeConnectionAnswer.of(one, deployment.issuer) for one in found]
    return IntakeConnectionsAnswer(items=items, next_cursor=page.next_cursor(found))


@router.post("/connections/{connection_id}/revoke", response_model=IntakeConnectionAnswer)
async def post_intake_connection_revocation(
    caller: AdminCaller, acts: ActsDep, request: Request, connection_id: UUID
) -> Response:
    """End a connection: its call-backs are refused from now on, like those of one that never was. What came
    in through it stands. To change a secret, make a new connection and end the old one."""
    issuer = deployment_of(request).issuer
    return await acts.run(
        caller,
        REVOKED,
        lambda unit, act: revoke_intake(unit, act, connection_id),
        lambda revoked: spoken(200, IntakeConnectionAnswer.of(revoked, issuer)),
    )


@router.post("/{source}/{connection_id}", include_in_schema=False)
async def post_call_back(
    request: Request, source: str, connection_id: str, body: Annotated[RawBody, raw_body(media=_MEDIA)]
) -> Response:
    """A provider's call-back, in that provider's own form and with its own signature."""
    call = Call(_called_url(request), dict(request.headers), body.content)
    known = _id_of(connection_id)
    async with deployment_of(request).database.read() as unit:
        connection = await proven_connection(unit, source, known, call)
    if connection is None:
        await run_unattended(request, lambda unit, act: refuse_call_back(unit, act, known))
        raise EdgeError("UNAUTHENTICATED", headers=_CHALLENGE)
    await run_unattended(request, lambda unit, act: receive_call_back(unit, act, connection, call))
    text, media = WAYS[source].reply
    return Response(text, media_type=media)


def _called_url(request: Request) -> str:
    """The URL as the provider was given it, whatever a proxy made of it."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{deployment_of(request).issuer}{request.url.path}{query}"


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
