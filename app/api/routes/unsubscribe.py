"""One-click unsubscribe (RFC 8058): links for senders, and the door that they lead to.

A link is a key to one person's wish, so it stands in no log: only the route's template does.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from app.api.bodies import RawBody, body_of, raw_body
from app.api.callers import SenderCaller
from app.api.problems import EdgeError, problem_body
from app.api.schemas.base import LARGE_BODY_BYTES
from app.api.schemas.unsubscribe import (
    UnsubscribeLinkAnswer,
    UnsubscribeLinkBatchRequest,
    UnsubscribeLinkRequest,
    UnsubscribeLinkResult,
    UnsubscribeLinksAnswer,
)
from app.api.state import deployment_of
from app.api.unattended import run_unattended
from app.api.unsubscribe_page import HEADERS, language_of, page
from app.domain.refusals import RefusedError
from app.usecases.unsubscribe_links import link_controller, make_token, make_tokens, open_link, unsubscribe

router = APIRouter(tags=["unsubscribe"])

_FORM: Final = "application/x-www-form-urlencoded"
_FORMS: Final = (_FORM, "multipart/form-data")
_FORM_BYTES: Final = 8 * 1024


@router.post("/v1/unsubscribe-links")
async def post_unsubscribe_link(
    request: Request,
    caller: SenderCaller,
    body: Annotated[UnsubscribeLinkRequest, body_of(UnsubscribeLinkRequest)],
) -> UnsubscribeLinkAnswer:
    """A link for one recipient, with the headers of RFC 8058. Nothing is stored."""
    number = link_controller(caller, body.controller_id)
    parts = deployment_of(request)
    tokens = parts.database.instruments.unsubscribe_tokens
    token = make_token(tokens, number, body.wanted(), datetime.now(UTC))
    return UnsubscribeLinkAnswer.of(parts.issuer, token)


@router.post("/v1/unsubscribe-links/batch")
async def post_unsubscribe_links(
    request: Request,
    caller: SenderCaller,
    body: Annotated[
        UnsubscribeLinkBatchRequest, body_of(UnsubscribeLinkBatchRequest, max_bytes=LARGE_BODY_BYTES)
    ],
) -> UnsubscribeLinksAnswer:
    """Links for up to 10,000 recipients, in their order. One that cannot be read hinders no other."""
    number = link_controller(caller, body.controller_id)
    parts, wanted = deployment_of(request), [item.wanted() for item in body.items]
    tokens, now = parts.database.instruments.unsubscribe_tokens, datetime.now(UTC)
    made = await asyncio.to_thread(make_tokens, tokens, number, wanted, now)
    return UnsubscribeLinksAnswer(results=[_result(parts.issuer, i, one) for i, one in enumerate(made)])


@router.get("/u/{token}", include_in_schema=False)
async def read_unsubscribe_page(request: Request, token: str) -> Response:
    """The page with the button. It changes nothing: mail programs and scanners open links by themselves."""
    open_link(deployment_of(request).database.instruments.unsubscribe_tokens, token, datetime.now(UTC))
    return _page(request, done=False)


@router.post("/u/{token}", include_in_schema=False)
async def post_one_click(
    request: Request, token: str, body: Annotated[RawBody, raw_body(media=_FORMS, max_bytes=_FORM_BYTES)]
) -> Response:
    """One click: no login, no redirect, and the same answer however often it comes."""
    tokens = deployment_of(request).database.instruments.unsubscribe_tokens
    link = open_link(tokens, token, datetime.now(UTC))
    if not await _is_one_click(request, body):
        raise EdgeError("BAD_REQUEST")
    await run_unattended(request, lambda unit, act: unsubscribe(unit, act, link))
    return _page(request, done=True)


async def _is_one_click(request: Request, body: RawBody) -> bool:
    """Whether the form says List-Unsubscribe=One-Click (RFC 8058 section 3.2)."""

    async def once() -> AsyncGenerator[bytes, None]:
        yield body.content
        yield b""

    parse = FormParser if body.media == _FORM else MultiPartParser
    try:
        form = await parse(request.headers, once()).parse()
    except (MultiPartException, KeyError, ValueError):
        return False
    return form.getlist("List-Unsubscribe") == ["One-Click"]


def _result(issuer: str, index: int, made: str | RefusedError) -> UnsubscribeLinkResult:
    if isinstance(made, RefusedError):
        problem = problem_body(made.code.value, detail=made.detail)
        return UnsubscribeLinkResult(index=index, link=None, problem=problem)
    return UnsubscribeLinkResult(index=index, link=UnsubscribeLinkAnswer.of(issuer, made), problem=None)


def _page(request: Request, *, done: bool) -> Response:
    language = language_of(request.headers.get("accept-language", ""))
    headers = {**HEADERS, "Content-Language": language}
    return Response(page(language, done=done), headers=headers, media_type="text/html")
