"""A source's door: blocks at its own lists, for the people who want no dispatch from them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from app.api.acts import ActsDep
from app.api.bodies import body_of
from app.api.callers import SourceCaller
from app.api.routes.entries import spoken_entry
from app.api.schemas.entries import EntryAnswer, SourceBlockRequest
from app.usecases.block_at_source import block_at_source

router = APIRouter(prefix="/v1/sources", tags=["sources"])


@router.post("/{source_id}/blocks", status_code=201, response_model=EntryAnswer)
async def post_source_block(
    caller: SourceCaller,
    body: Annotated[SourceBlockRequest, body_of(SourceBlockRequest)],
    acts: ActsDep,
    source_id: UUID,
) -> Response:
    """Block a person at a source: every dispatch that names it is stopped, a political one too."""
    given, purposes = body.identifier.given(), body.mask()
    return await acts.run(
        caller,
        "source.blocked",
        lambda unit, act: block_at_source(unit, act, source_id, given, purposes, body.occurred_at),
        spoken_entry,
    )
