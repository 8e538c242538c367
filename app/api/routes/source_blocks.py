"""A source's door: blocks at its own lists, for the people who want no dispatch from them."""

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.acts import ActsDep
from app.api.batches import BATCH_MEDIA, read_batch
from app.api.bodies import RawBody, body_of, raw_body
from app.api.callers import SourceCaller
from app.api.routes.entries import spoken_entries, spoken_entry
from app.api.schemas.base import LARGE_BODY_BYTES
from app.api.schemas.entries import (
    EntryAnswer,
    SourceBlockBatchAnswer,
    SourceBlockBatchRequest,
    SourceBlockRequest,
)
from app.usecases.block_at_source import block_at_source, block_many_at_source

router = APIRouter(prefix="/v1/sources", tags=["sources"])


@router.post("/{source_id}/blocks", status_code=201, response_model=EntryAnswer)
async def post_source_block(
    caller: SourceCaller,
    body: Annotated[SourceBlockRequest, body_of(SourceBlockRequest)],
    acts: ActsDep,
    source_id: UUID,
) -> Response:
    """Block a person at a source: every dispatch that names it is stopped, a political one too."""
    block = body.block()
    return await acts.run(
        caller,
        "source.blocked",
        lambda unit, act: block_at_source(unit, act, source_id, block),
        spoken_entry,
    )


@router.post("/{source_id}/blocks/batch", status_code=200, response_model=SourceBlockBatchAnswer)
async def post_source_blocks(
    caller: SourceCaller,
    body: Annotated[
        RawBody, raw_body(media=BATCH_MEDIA, max_bytes=LARGE_BODY_BYTES, model=SourceBlockBatchRequest)
    ],
    acts: ActsDep,
    source_id: UUID,
    on_error: Annotated[Literal["continue", "abort"] | None, Query(description="For NDJSON.")] = None,
) -> Response:
    """Block up to 10,000 people at a source, JSON or NDJSON; each has its own outcome at its index."""
    batch = await asyncio.to_thread(read_batch, SourceBlockRequest, body, on_error)
    return await acts.run(
        caller,
        "source.batch",
        lambda unit, act: block_many_at_source(
            unit, act, source_id, [item.block() for item in batch.good], abort=batch.abort
        ),
        lambda outcomes: spoken_entries(batch, outcomes, "block"),
    )
