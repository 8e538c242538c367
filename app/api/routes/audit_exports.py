"""Audit data to be taken away, as CSV or JSON Lines of any length."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from app.api.callers import AuditorCaller
from app.api.routes.audit import StatedPurpose
from app.api.routes.audit_lists import USUAL, Begin, End
from app.api.schemas.lookup_streams import LIST_SCHEMAS
from app.api.state import deployment_of
from app.api.streamed_answers import StreamedAnswer
from app.usecases.act import Act
from app.usecases.export_audit import ExportCommand, export_audit

router = APIRouter(prefix="/v1/audit", tags=["audit"])

_MEDIA: Final = {"jsonl": "application/x-ndjson", "csv": "text/csv"}

ExportName = Literal["events", "reads", "mandates", "objections", "deadlines"]
ExportForm = Annotated[Literal["jsonl", "csv"], Query(alias="format", description="JSON Lines, or CSV.")]


@router.get(
    "/exports/{export}",
    response_class=Response,
    responses={200: {"description": "The rows, oldest first.", "content": LIST_SCHEMAS}},
)
async def export_audit_data(
    caller: AuditorCaller,
    export: ExportName,
    purpose: StatedPurpose,
    request: Request,
    form: ExportForm = "jsonl",
    begin: Begin = None,
    end: End = None,
) -> Response:
    """Events, readings of mandates, mandates, objections, or what is open, of a time. Without any identifier;
    in CSV no cell begins like a formula. An answer that is cut off has no proper end."""
    act = Act.begin(datetime.now(UTC), caller, b"", purpose)
    until = end or act.now
    command = ExportCommand(export, form, begin or until - USUAL, until)
    pieces = await export_audit(deployment_of(request).database, act, command)
    first = await anext(pieces, b"")  # What goes wrong before it is an ordinary problem.
    return StreamedAnswer(_whole(first, pieces), _MEDIA[form])


async def _whole(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
