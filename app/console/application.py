"""The console as an application beside the API: it finds the door, sees who comes, and answers in HTML.

Whatever goes wrong is a page too, in the visitor's language, and says nothing about what was sent.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, quote

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.console.doors import NOBODY, Door
from app.console.pages import DOORS
from app.console.parts import Parts
from app.console.rendering import HEADERS
from app.console.sessions import forget, is_form_token, keep, new_stay, renewed, stay_of
from app.console.visits import ROOT, MissingTextError, Visit
from app.console.words import COOKIE, language_of
from app.domain.parties import Caller
from app.domain.refusals import Refusal, RefusedError, UnavailableError
from app.usecases.journal_refusal import journal_refusal
from app.usecases.open_session import Stay, resume_session

_FORM_BYTES: Final = 64 * 1024
_FORM: Final = "application/x-www-form-urlencoded"
_STATUS: Final = {
    Refusal.NOT_FOUND: 404,
    Refusal.MANDATE_NOT_FOUND: 404,
    Refusal.STATE_CONFLICT: 409,
    Refusal.INVALID_IDENTIFIER: 422,
    Refusal.UNKNOWN_REFERENCE: 422,
    Refusal.INVALID_TIME: 422,
}
_log = structlog.get_logger("sparr.console")


class BadFormError(Exception):
    """A form that did not come from our page, or not from this session; 403."""


class Console:
    """ASGI: everything below /console; all else goes to the application beside it."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._doors = [(door.pattern, door) for door in DOORS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == ROOT or path.startswith(f"{ROOT}/")):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = await asyncio.shield(asyncio.ensure_future(self._answer(request)))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        now, parts = datetime.now(UTC), self._parts
        language = language_of(request.cookies.get(COOKIE), request.headers.get("accept-language", ""))
        stay = stay_of(request, parts.sessions, now, secure=parts.secure)
        visit = Visit(request, parts, now, language, stay or new_stay(now), None, {})
        try:
            answer = await self._through(visit, fresh=stay is None)
        except Exception as raised:  # noqa: BLE001 -- the last line: whatever it was, the answer is a page
            answer = _apology(visit, raised)
        return answer

    async def _through(self, visit: Visit, *, fresh: bool) -> Response:
        door, visit.names = self._door(visit.request)
        state = visit.request.scope.setdefault("state", {})
        state["route_template"] = ROOT + door.path
        visit.caller = None if fresh or door.path.startswith("/static/") else await self._caller(visit.stay)
        if visit.caller is not None:
            state["caller_role"] = visit.caller.role.value
        if door.roles and visit.caller is None:
            return _to_the_gate(visit)
        if door.method == "POST":
            visit.body, visit.form = await _form(visit.request)
            if fresh or not is_form_token(visit.stay, visit.form.get("form_token", "")):
                raise BadFormError
        if door.roles and visit.who.role not in door.roles:
            await self._journal_denial(visit)
            raise RefusedError(Refusal.ROLE_DENIED)
        answer = await door.handler(visit)
        self._keep(visit, answer, door, fresh=fresh)
        return answer

    def _door(self, request: Request) -> tuple[Door, Mapping[str, str]]:
        path = request.url.path.removeprefix(ROOT).rstrip("/") or "/"
        method = "GET" if request.method == "HEAD" else request.method
        for pattern, door in self._doors:
            found = pattern.fullmatch(path) if door.method == method else None
            if found:
                return door, found.groupdict()
        raise RefusedError(Refusal.NOT_FOUND)

    async def _caller(self, stay: Stay) -> Caller | None:
        if stay.credential_id is None:
            return None
        async with self._parts.database.read() as unit:
            return await resume_session(unit, stay)

    async def _journal_denial(self, visit: Visit) -> None:
        async with self._parts.database.write() as unit:
            await journal_refusal(unit, visit.begin(), "role.denied", Refusal.ROLE_DENIED.value)

    def _keep(self, visit: Visit, answer: Response, door: Door, *, fresh: bool) -> None:
        """A visitor gets a session for the sign-in form; one that goes on gets its next cookie."""
        if "set-cookie" in answer.headers or door.path.startswith("/static/"):
            return
        wanted = visit.stay if fresh and door.roles == NOBODY else None
        if not fresh and visit.caller is not None:
            wanted = renewed(visit.stay, visit.now)
        if wanted is not None:
            keep(answer, wanted, self._parts.sessions, secure=self._parts.secure)


def _to_the_gate(visit: Visit) -> Response:
    """To the sign-in form, and from there back to what was asked for."""
    back = visit.here if visit.request.method == "GET" else ROOT
    target = f"{ROOT}/sign-in" + ("" if back in {ROOT, f"{ROOT}/"} else f"?back={quote(back, safe='')}")
    answer = RedirectResponse(target, 303, dict(HEADERS))
    if visit.stay.credential_id is not None:
        forget(answer, secure=visit.parts.secure)
    return answer


async def _form(request: Request) -> tuple[bytes, dict[str, str]]:
    """The fields of a form, each once. Fetch metadata (W3C) tells a form on somebody else's page."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise BadFormError
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise BadFormError
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_BYTES:
            raise BadFormError
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError:
        raise BadFormError from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return bytes(body), {name: "\n".join(values) for name, values in fields.items()}


def _apology(visit: Visit, raised: Exception) -> Response:
    """The page for what went wrong. `told` is the key of its text in the catalogue."""
    match raised:
        case RefusedError():
            told, status = raised.code.value, _STATUS.get(raised.code, 403)
        case MissingTextError():
            told, status = "MISSING", 422
        case BadFormError():
            told, status = "BAD_FORM", 403
        case UnavailableError():
            told, status = Refusal.FACTS_UNREADABLE.value, 503
        case _:
            told, status = "INTERNAL", 500
            _log.error("failed", failure=type(raised).__name__)
    answer = visit.page("problem.html", status, told=told)
    if status == 503:  # noqa: PLR2004 - RFC 9110 section 15.6.4
        answer.headers["Retry-After"] = "1"
    return answer
