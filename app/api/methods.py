"""Methods that are not offered. Nothing is ever deleted here, so DELETE is refused before any route is asked.

RFC 9110 section 15.5.6: 405 with `Allow`, the methods that the resource does have, possibly none.
"""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem_response
from app.domain.refusals import Refusal, UnavailableError

OnRefused = Callable[[Scope], Awaitable[None]]


def allowed_methods(scope: Scope) -> str:
    """The methods of every route at this path, for `Allow`. QUERY and POST can stand in different routes."""
    app: FastAPI = scope["app"]
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.path_regex.match(scope["path"]):
            found |= route.methods or set()
    return ", ".join(sorted(found))


class RefuseDelete:
    """ASGI middleware. `on_refused` writes the attempt down; if it cannot, the answer is 503 and not a word
    about the method, because an attempt to delete must not stay unknown."""

    def __init__(self, app: ASGIApp, on_refused: OnRefused) -> None:
        self._app = app
        self._on_refused = on_refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"].upper() != "DELETE":
            await self._app(scope, receive, send)
            return
        try:
            await self._on_refused(scope)
            answer = _refusal(scope)
        except UnavailableError:
            answer = problem_response(Refusal.FACTS_UNREADABLE.value)
        await answer(scope, receive, send)


def _refusal(scope: Scope) -> Response:
    return problem_response("METHOD_NOT_ALLOWED", headers={"Allow": allowed_methods(scope)})


async def _answer_other_methods(request: Request, _raised: Exception) -> Response:
    return _refusal(request.scope)


def install(app: FastAPI, on_refused: OnRefused) -> None:
    """Every 405 is a problem with a whole `Allow`, and DELETE never reaches a route."""
    app.add_exception_handler(405, _answer_other_methods)
    app.add_middleware(RefuseDelete, on_refused=on_refused)
