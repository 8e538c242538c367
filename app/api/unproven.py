"""Nothing is answered from a register that may have lost something: 503 until its journal is shown to
continue the checkpoint that was kept outside the database. Whoever runs the service still sees how it is."""

from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem_response
from app.domain.refusals import Refusal
from app.usecases.watch_journal import JournalWatch

OPEN: Final = frozenset({"/livez", "/readyz", "/metrics", "/openapi.json", "/docs"})
_DETAIL: Final = "The journal has not been shown to continue what was signed before. /readyz says so too."


class RefuseUnproven:
    """ASGI middleware: neither a lookup nor an act reaches its route meanwhile."""

    def __init__(self, app: ASGIApp, watch: JournalWatch) -> None:
        self._app = app
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._watch.proven or scope["type"] != "http" or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        answer = problem_response(Refusal.FACTS_UNREADABLE.value, detail=_DETAIL)
        await answer(scope, receive, send)


def install(app: FastAPI, watch: JournalWatch) -> None:
    """To be called after what asks the database on its own, and before what observes."""
    app.add_middleware(RefuseUnproven, watch=watch)
