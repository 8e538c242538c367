"""A small service with the whole edge and nothing behind it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import Field
from starlette.types import Scope

from app.api import documents, methods, observing, problems
from app.api.bodies import RawBody, body_of, raw_body
from app.api.cursors import limit_of
from app.api.problems import EdgeError
from app.api.routes import discovery, health
from app.api.schemas.base import Answer, Text500, Time, limited
from app.api.schemas.base import Request as Body
from app.domain.parties import Role
from app.domain.refusals import Refusal, RefusedError, UnavailableError

MARKED = "+46701740605"
TOKEN = "Bearer good"
KNOWN = UUID("01920000-0000-7000-8000-00000000000a")
METRICS_TOKEN = "numbers"


class Recipient(Body):
    type: str
    value: Text500


class Note(Body):
    """What is sent in these tests."""

    reference: Text500
    at: Time | None = None
    count: int = 0
    recipients: Annotated[list[str | Recipient], limited(50_000)] = Field(default_factory=list)


class NoteAnswer(Answer):
    reference: str
    at: Time


class WithRole:
    """A caller as the document finds it: a dependency that says its roles."""

    roles = frozenset({Role.SENDER, Role.ADMIN})

    async def __call__(self, request: Request) -> str:
        if request.headers.get("authorization") != TOKEN:
            raise EdgeError("UNAUTHENTICATED")
        request.scope["state"]["caller_role"] = "sender"
        return "sender"


class Writing:
    """What does a write, as the document finds it."""

    writes = True


Caller = Annotated[str, Depends(WithRole())]
router = APIRouter(prefix="/v1")


@router.post("/notes", response_model=Note)
async def write_note(
    _caller: Caller,
    body: Annotated[Note, body_of(Note, max_bytes=200_000)],
    _acts: Annotated[Writing, Depends()],
) -> Response:
    """Takes a note.

    A second paragraph with <angles>.
    """
    return Response(body.model_dump_json(), 201, media_type="application/json")


@router.get("/notes/{note_id}", response_model=NoteAnswer)
async def read_note(_caller: Caller, note_id: UUID) -> Response:
    if note_id != KNOWN:
        raise RefusedError(Refusal.NOT_FOUND)
    answer = NoteAnswer(reference="A1-0001", at=datetime(2026, 11, 21, 12, tzinfo=UTC))
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/notes")
async def list_notes(limit: str | None = None) -> dict[str, int]:
    return {"limit": limit_of(limit)}


@router.post("/lines")
async def count_lines(
    body: Annotated[RawBody, raw_body(media=("application/json", "application/x-ndjson"), model=Note)],
    request: Request,
) -> dict[str, Any]:
    same = request.state.raw_body == body.content
    return {"media": body.media, "lines": body.content.count(b"\n"), "kept": same}


class FailingError(Exception):
    pass


@router.get("/failing/{where}")
async def fail(where: str) -> Response:
    hidden: dict[str, str] = {}
    try:
        return Response(hidden[MARKED])
    except KeyError as cause:
        if where == "unavailable":
            raise UnavailableError(MARKED) from cause
        raise FailingError(MARKED) from cause


@router.get("/broken-off")
async def break_off() -> Response:
    class Half(Response):
        async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            raise FailingError(MARKED)

    return Half()


@dataclass
class Service:
    """The application, a client of it, and what it was told."""

    app: FastAPI
    client: httpx2.AsyncClient
    ready: list[tuple[str, bool]] = field(default_factory=lambda: [("database", True)])
    refused: list[str] = field(default_factory=list)
    journal_works: bool = True


def assemble() -> Service:
    app = FastAPI(
        title="Edge",
        version="1",
        description="For the tests.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    service = Service(app, httpx2.AsyncClient(transport=transport, base_url="http://edge"))

    async def note_refused(scope: Scope) -> None:
        if not service.journal_works:
            raise UnavailableError
        service.refused.append(scope["method"])

    async def readiness() -> list[tuple[str, bool]]:
        return service.ready

    for part in (router, health.router, discovery.router):
        app.include_router(part)
    app.state.readiness = readiness
    app.state.metrics_token = METRICS_TOKEN
    problems.install(app)
    documents.install(app)
    methods.install(app, note_refused)
    observing.install(app)
    return service
