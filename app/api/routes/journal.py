"""The journal (RFC 9162, C2SP tlog-checkpoint): for admins and auditors. Its public key is for everybody."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.api.callers import AuditorCaller
from app.api.schemas.journal import JournalEntriesAnswer, JournalEntryAnswer, JournalProofAnswer
from app.api.state import deployment_of
from app.usecases import read_journal as reading

router = APIRouter(tags=["journal"])

Place = Annotated[int, Query(ge=0, lt=2**62)]


_NO_SUCH_TREE: dict[int | str, dict[str, Any]] = {404: {"description": "The tree has not had this size."}}


class _Text(Response):
    media_type = "text/plain"


@router.get("/.well-known/journal-key", response_class=_Text)
async def read_journal_key(request: Request) -> Response:
    """The key that checkpoints are verified with, as C2SP spells it: `name+id+key`. Keep it: a key that comes
    along with what it verifies proves nothing."""
    deployment = deployment_of(request)
    async with deployment.database.read() as unit:
        return _Text(await reading.journal_key(unit, deployment.ring.journal_key))


@router.get("/v1/journal/checkpoint", response_class=_Text)
async def read_journal_checkpoint(_caller: AuditorCaller, request: Request) -> Response:
    """The newest signed note: the journal's name, the number of its leaves, their root, and the signature."""
    async with deployment_of(request).database.read() as unit:
        return _Text(await reading.read_checkpoint(unit))


@router.get("/v1/journal/entries")
async def read_journal_entries(
    _caller: AuditorCaller, request: Request, start: Place, end: Place
) -> JournalEntriesAnswer:
    """The leaves from `start` to before `end`, at most 1,000 of them and none that is not signed yet."""
    async with deployment_of(request).database.read() as unit:
        rows = await reading.read_leaves(unit, start, end)
    return JournalEntriesAnswer(entries=[JournalEntryAnswer.of(row) for row in rows])


@router.get("/v1/journal/proof/inclusion", responses=_NO_SUCH_TREE)
async def prove_journal_inclusion(
    _caller: AuditorCaller, request: Request, index: Place, size: Place
) -> JournalProofAnswer:
    """The path from a leaf to the root of the first `size` leaves (RFC 9162 section 2.1.3)."""
    async with deployment_of(request).database.read() as unit:
        return JournalProofAnswer.of(await reading.prove_inclusion(unit, index, size))


@router.get("/v1/journal/proof/consistency", responses=_NO_SUCH_TREE)
async def prove_journal_consistency(
    _caller: AuditorCaller,
    request: Request,
    earlier: Annotated[int, Query(alias="from", ge=0, lt=2**62)],
    later: Annotated[int, Query(alias="to", ge=0, lt=2**62)],
) -> JournalProofAnswer:
    """That the first `to` leaves begin with the first `from` (RFC 9162 section 2.1.4)."""
    async with deployment_of(request).database.read() as unit:
        return JournalProofAnswer.of(await reading.prove_consistency(unit, earlier, later))
