"""The senders' door for files: handed in, washed meanwhile, and fetched."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from app.api.acts import spoken
from app.api.callers import SenderCaller
from app.api.multipart_files import FORM
from app.api.problems import EdgeError
from app.api.routes.lookup_streams import only_controller
from app.api.routes.lookups import position_of
from app.api.schemas.lookup_streams import LIST_SCHEMAS, LISTS
from app.api.schemas.washes import Result, WashAnswer, WashQuestion
from app.api.state import deployment_of
from app.api.streamed_bodies import StreamedBody, streamed_body
from app.domain.refusals import Refusal, RefusedError, UnavailableError
from app.usecases.act import Act
from app.usecases.receive_wash import (
    FileTooLargeError,
    Laundry,
    OtherListError,
    Wash,
    receive_wash,
    recheck_wash,
    wash_of,
)
from app.usecases.wash_plan import WashPlan

router = APIRouter(prefix="/v1/washes", tags=["washes"])


@router.post("", status_code=202, response_model=WashAnswer)
async def post_wash(
    request: Request,
    caller: SenderCaller,
    body: Annotated[StreamedBody, streamed_body(media=(*LISTS, FORM), packed=True)],
    question: Annotated[WashQuestion, Query()],
) -> Response:
    """Hand in a list to be washed: CSV or NDJSON, up to 5 GiB, also with `Content-Encoding: gzip`, or
    as the part `file` of a form. It is read
    as in `/v1/lookups/stream`, and done meanwhile; `Location` tells how far."""
    asked = question.lookup(question.controller_id or only_controller(caller))
    plan = WashPlan(
        asked.command(position_of(asked.min_as_of)), question.layout(body.media), question.receipt == "tree"
    )
    act = Act.begin(datetime.now(UTC), caller)
    database = deployment_of(request).database
    try:
        wash = await receive_wash(
            database, _laundry(request), act, plan, body.content, question.client_reference
        )
    except FileTooLargeError:
        raise EdgeError("BODY_TOO_LARGE", "A list has at most 5 GiB.") from None
    except OtherListError:
        raise EdgeError("IDEMPOTENCY_MISMATCH", "Another list came under this client_reference.") from None
    return _accepted(request, wash)


@router.get("/{wash_id}", response_model=WashAnswer)
async def get_wash(request: Request, caller: SenderCaller, wash_id: UUID) -> Response:
    """How a wash stands. One that cannot be whole is `failed` with a code, and has no files."""
    act = Act.begin(datetime.now(UTC), caller)
    found = await wash_of(deployment_of(request).database, act, wash_id)
    answer = WashAnswer.of(found, _seed(request, found))
    return Response(spoken(200, answer).body(), media_type="application/json")


@router.get(
    "/{wash_id}/files/{name}",
    response_class=Response,
    responses={200: {"description": "The rows, with their answers.", "content": LIST_SCHEMAS}},
)
async def get_wash_file(request: Request, caller: SenderCaller, wash_id: UUID, name: Result) -> Response:
    """A file of a wash that is done: all rows (`annotated`), or those that are allowed, blocked, or could not
    be read (`rejected`). Each has the header of the list, and `decision` and `code` in every row."""
    act = Act.begin(datetime.now(UTC), caller)
    wash = await wash_of(deployment_of(request).database, act, wash_id)
    if wash.state == "erased":
        raise RefusedError(Refusal.NOT_FOUND)
    if wash.state != "done":
        raise RefusedError(Refusal.STATE_CONFLICT, "The wash is not done; it has no files.")
    path = _laundry(request).folder(wash_id).path(name)
    if not path.is_file():
        raise RefusedError(Refusal.NOT_FOUND)
    return FileResponse(path, media_type=wash.media, headers={"Cache-Control": "no-store"})


@router.post("/{wash_id}/recheck", status_code=202, response_model=WashAnswer)
async def post_wash_recheck(request: Request, caller: SenderCaller, wash_id: UUID) -> Response:
    """Ask about the list of a wash again. What is made is a wash whose files have the rows only whose answer
    is another one now; its counts are those of the whole list."""
    act = Act.begin(datetime.now(UTC), caller)
    database = deployment_of(request).database
    return _accepted(request, await recheck_wash(database, _laundry(request), act, wash_id))


def _accepted(request: Request, wash: Wash) -> Response:
    body = spoken(202, WashAnswer.of(wash, _seed(request, wash))).body()
    return Response(body, 202, {"Location": f"/v1/washes/{wash.id}"}, "application/json")


def _seed(request: Request, wash: Wash) -> str | None:
    laundry = deployment_of(request).laundry
    return laundry.seed(wash) if laundry is not None else None


def _laundry(request: Request) -> Laundry:
    laundry = deployment_of(request).laundry
    if laundry is None:
        raise UnavailableError("no files are washed here")
    return laundry
