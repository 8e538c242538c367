"""The senders' door for lists of any length: the answers flow out while the list still flows in."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request, Response
from starlette.requests import ClientDisconnect

from app.api.callers import LookupCaller
from app.api.metrics import count_lookup
from app.api.observing import anatomy
from app.api.problems import EdgeError, problem_body
from app.api.routes.lookups import position_of
from app.api.schemas.lookup_streams import LIST_SCHEMAS, LISTS, ListQuestion
from app.api.state import deployment_of
from app.api.streamed_answers import StreamedAnswer, line_blocks
from app.api.streamed_bodies import StreamedBody, streamed_body
from app.domain.parties import Caller
from app.domain.recipient_rows import UnreadableListError, encoded, summary_line
from app.domain.refusals import Refusal, RefusedError, UnavailableError
from app.usecases.act import Act
from app.usecases.commit_rows import RowTree
from app.usecases.sign_wash import note_wash, sign_wash
from app.usecases.wash_list import CallerRevokedError, Washing

router = APIRouter(tags=["lookups"])

AT_ONCE: Final = 4
"""Streams of one party that one worker answers at the same time."""

_open: Counter[UUID] = Counter()
_log = structlog.get_logger("sparr.streams")


@router.post(
    "/v1/lookups/stream",
    response_class=Response,
    responses={200: {"description": "The list with its answers.", "content": LIST_SCHEMAS}},
)
async def post_lookup_stream(
    request: Request,
    caller: LookupCaller,
    body: Annotated[StreamedBody, streamed_body(media=LISTS)],
    question: Annotated[ListQuestion, Query()],
) -> Response:
    """Ask about a list of any length, a recipient a line: NDJSON (a text or an object), or CSV. The answer is
    the list in the same order, with `decision` and `code` added, and one last line: `{"summary": …}` with the
    receipt, or `{"error": …}`; in CSV it begins with `#sparr `. Without a summary the answer is not whole."""
    asked = question.lookup(question.controller_id or only_controller(caller))
    command = asked.command(position_of(asked.min_as_of))
    washing = Washing(deployment_of(request).database, caller, command, question.layout(body.media).form())
    washing.waited = request.state.waited
    washing.tree = RowTree.begin() if question.receipt == "tree" else None
    pieces = _pieces(washing, body.content)
    first = await _first(pieces)
    return StreamedAnswer(_told(first, pieces, washing), body.media)


def only_controller(caller: Caller) -> UUID:
    if len(caller.acts_for) != 1:
        raise EdgeError("VALIDATION", "controller_id says for which controller you ask.")
    return next(iter(caller.acts_for))


@contextmanager
def _place(caller: Caller) -> Iterator[None]:
    """One of the streams that a party may have at once."""
    if _open[caller.party_id] >= AT_ONCE:
        raise EdgeError("TOO_MANY_REQUESTS", f"At most {AT_ONCE} streams of a party at a time.")
    _open[caller.party_id] += 1
    try:
        yield
    finally:
        _open[caller.party_id] -= 1


async def _pieces(washing: Washing, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The answer, block by block, and its last line."""
    asked, answer, opened = hashlib.sha256(), hashlib.sha256(), False
    with _place(washing.caller):
        blocks = line_blocks(content, lambda: washing.block_bytes, asked.update)
        async with aclosing(blocks):
            async for block, last in blocks:
                async for part in washing.wash(block, last=last):
                    count_lookup(part.found.count, part.found.blocked)
                    piece = encoded("" if opened else washing.form.opening) + part.spoken(washing.form)
                    opened = True
                    answer.update(piece)
                    yield piece
        if not opened:
            piece = encoded(washing.form.opening)
            answer.update(piece)
            yield piece
        yield await _summary(washing, (asked.hexdigest(), answer.hexdigest()))


async def _summary(washing: Washing, digests: tuple[str, str]) -> bytes:
    act = Act.begin(datetime.now(UTC), washing.caller)
    instruments = washing.database.instruments
    receipt = sign_wash(instruments, act.event_id, washing, digests)
    if washing.tally.as_of is not None:
        async with washing.database.write(hurried=True) as unit:
            await note_wash(unit, washing.caller.party_id, act.event_id, washing.tally, receipt)
    seed = {"receipt_seed": washing.tree.spoken_seed()} if washing.tree is not None else {}
    told = {"lookup_id": str(act.event_id), **washing.tally.told(), **seed, "receipt": receipt}
    return encoded(washing.form.closing(summary_line("summary", told)))


async def _first(pieces: AsyncIterator[bytes]) -> bytes:
    """The first piece. What goes wrong before it is an ordinary problem, with its own status."""
    try:
        return await anext(pieces)
    except UnreadableListError as unreadable:
        raise EdgeError("UNREADABLE_FILE", str(unreadable)) from None
    except CallerRevokedError:
        raise EdgeError("UNAUTHENTICATED") from None


async def _told(first: bytes, pieces: AsyncIterator[bytes], washing: Washing) -> AsyncIterator[bytes]:
    """The whole answer. What goes wrong in the middle is its last line."""
    yield first
    try:
        async for piece in pieces:
            yield piece
    except ClientDisconnect:
        return
    except Exception as raised:  # noqa: BLE001 - whatever it was, nobody may take this answer for whole
        yield encoded(washing.form.closing(summary_line("error", _problem(raised))))


def _problem(raised: Exception) -> dict[str, Any]:
    match raised:
        case UnreadableListError():
            return problem_body("UNREADABLE_FILE", detail=str(raised))
        case CallerRevokedError():
            return problem_body("UNAUTHENTICATED")
        case RefusedError():
            return problem_body(raised.code.value, detail=raised.detail)
        case EdgeError():
            return problem_body(raised.code, detail=raised.detail)
        case UnavailableError():
            return problem_body(Refusal.FACTS_UNREADABLE.value)
    _log.error("failed", failure=anatomy(raised))
    return problem_body("INTERNAL")
