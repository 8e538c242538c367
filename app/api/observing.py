"""What is seen of a request from outside: its id, one line in the log, its metrics. Never an identifier.

Neither the path, the query, a header, the body, the address of the client nor the text of an exception is
written anywhere: any of them can hold personal data (GDPR Art. 5(1)(c), 25).
"""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from traceback import walk_tb
from typing import Any, Final
from uuid import uuid4

import structlog
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import metrics
from app.api.problems import REQUEST_ID, problem_response

UNMATCHED: Final = "unmatched"
OTHER: Final = "OTHER"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"})
_CLIENT_GONE: Final = 499
_LONGEST_CHAIN: Final = 8

_log = structlog.get_logger("sparr.requests")


class AnswerBrokenOff(Exception):  # noqa: N818 -- says what happened to the answer; the error was logged before
    """The answer had begun when something failed. The server must close the connection, so that nobody takes
    a part for the whole."""


class _Exchange:
    """The answer on its way out: gets its headers, and is measured."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status: int | None = None
        self.sent = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._set_headers(MutableHeaders(scope=message))
        elif message["type"] == "http.response.body":
            self.sent += len(message.get("body", b""))
        await self._send(message)

    def _set_headers(self, headers: MutableHeaders) -> None:
        headers["X-Request-Id"] = self._request_id
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        if "json" in headers.get("content-type", ""):
            headers.setdefault("Cache-Control", "no-store")


class Observing:
    """ASGI middleware, the outermost of ours: also the last that an exception reaches."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._templates: dict[int, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, request_id = perf_counter(), uuid4()
        scope.setdefault("state", {})["request_id"] = str(request_id)
        exchange = _Exchange(send, str(request_id))
        token = REQUEST_ID.set(request_id)
        try:
            await self._answer(scope, receive, exchange)
        finally:
            REQUEST_ID.reset(token)
            self._note(scope, exchange, perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        try:
            await self._app(scope, receive, exchange.send)
        except Exception as raised:  # noqa: BLE001 -- the last line: whatever it was, the answer is a problem
            _log.error("failed", request_id=scope["state"]["request_id"], failure=anatomy(raised))
            if exchange.status is not None:
                raise AnswerBrokenOff from None
            await problem_response("INTERNAL")(scope, receive, exchange.send)

    def _note(self, scope: Scope, exchange: _Exchange, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        status = exchange.status or _CLIENT_GONE
        route = self._template(scope)
        metrics.count_request(route, method, status, seconds)
        _log.info(
            "request",
            request_id=scope["state"]["request_id"],
            method=method,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
            bytes=exchange.sent,
            role=scope["state"].get("caller_role"),
        )

    def _template(self, scope: Scope) -> str:
        """`/v1/objections/{id}`, never the path. A route knows it without the prefix of its router, so the
        whole application is looked through, once. An application beside this one tells its own."""
        if told := scope["state"].get("route_template"):
            return str(told)
        route: Any = scope.get("route")
        if route is None:
            return UNMATCHED
        if id(route) not in self._templates:
            every = iter_route_contexts(scope["app"].routes)
            self._templates = {id(one.original_route): one.path_format or UNMATCHED for one in every}
        return self._templates.get(id(route), UNMATCHED)


def anatomy(raised: BaseException) -> list[dict[str, Any]]:
    """The types of an exception and of what led to it, each with its lines as `folder/file.py:12`, the
    innermost last. Messages and variables stay out: a database error quotes the row it is about."""
    return [
        {"type": f"{type(one).__module__}.{type(one).__qualname__}", "at": _places(one)}
        for one in _chain(raised)
    ]


def _chain(raised: BaseException | None) -> Iterator[BaseException]:
    for _ in range(_LONGEST_CHAIN):
        if raised is None:
            return
        yield raised
        raised = raised.__cause__ or (None if raised.__suppress_context__ else raised.__context__)


def _places(raised: BaseException) -> list[str]:
    lines = walk_tb(raised.__traceback__)
    return [f"{'/'.join(Path(frame.f_code.co_filename).parts[-3:])}:{line}" for frame, line in lines]


def install(app: FastAPI) -> None:
    """To be called after every other middleware was added: the last one added stands outermost."""
    app.add_middleware(Observing)
