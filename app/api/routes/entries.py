"""Customer service's door: a controller's own do-not-call list and opt-outs. Salespeople cannot enter."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.api.acts import ActsDep, spoken
from app.api.batches import BATCH_MEDIA, Batch, SpokenItem, read_batch, spoken_batch
from app.api.bodies import RawBody, body_of, raw_body
from app.api.callers import CustomerServiceCaller, ReleasingCaller
from app.api.paging import PageDep
from app.api.problems import EdgeError
from app.api.schemas.base import LARGE_BODY_BYTES
from app.api.schemas.entries import (
    EntriesAnswer,
    EntryAnswer,
    EntryBatchAnswer,
    EntryBatchRequest,
    EntryRequest,
    EntrySearchRequest,
    ReleaseRequest,
)
from app.api.state import deployment_of
from app.api.validation import field_error
from app.domain.refusals import RefusedError
from app.usecases.entry_view import own_list, search_entries, seen_entry
from app.usecases.group_entries import OwnEntry
from app.usecases.record_entry import EntryOutcome, RecordedEntry, record_entries, record_entry
from app.usecases.release_entry import release_entry
from app.usecases.repeat_act import StoredAnswer

router = APIRouter(prefix="/v1/entries", tags=["entries"])


def spoken_entry(recorded: RecordedEntry) -> StoredAnswer:
    """201 for a new entry, 200 for one that stands already."""
    return spoken(200 if recorded.duplicate else 201, EntryAnswer.recorded(recorded), recorded.subject)


def spoken_entries(batch: Batch, outcomes: Sequence[EntryOutcome], name: str) -> StoredAnswer:
    """Each outcome at its index; `name` is what the answer calls an entry."""
    return spoken_batch(batch, [_item(one) for one in outcomes], name)


def _item(outcome: EntryOutcome) -> SpokenItem | RefusedError:
    if isinstance(outcome, RefusedError):
        return outcome
    answer = spoken_entry(outcome)
    return SpokenItem(answer.status, answer.parts[0])


def _incomplete(body: EntryRequest) -> EdgeError | None:
    missing = body.missing()
    return EdgeError("VALIDATION", errors=[field_error("missing", (missing,))]) if missing else None


@router.post("", status_code=201, response_model=EntryAnswer)
async def post_entry(
    caller: CustomerServiceCaller, body: Annotated[EntryRequest, body_of(EntryRequest)], acts: ActsDep
) -> Response:
    """Put a person's wish in force, bound to the identifier."""
    if (incomplete := _incomplete(body)) is not None:
        raise incomplete
    number, command = own_list(caller), body.command()
    return await acts.join(
        caller,
        "entry.recorded",
        OwnEntry(number, command),
        lambda unit, act: record_entry(unit, act, number, command),
        spoken_entry,
    )


@router.post("/batch", status_code=200, response_model=EntryBatchAnswer)
async def post_entries(
    caller: CustomerServiceCaller,
    body: Annotated[
        RawBody, raw_body(media=BATCH_MEDIA, max_bytes=LARGE_BODY_BYTES, model=EntryBatchRequest)
    ],
    acts: ActsDep,
    on_error: Annotated[Literal["continue", "abort"] | None, Query(description="For NDJSON.")] = None,
) -> Response:
    """Put up to 10,000 wishes in force, JSON or NDJSON; each has its own outcome at its index."""
    number, batch = own_list(caller), await asyncio.to_thread(_read, body, on_error)
    return await acts.run(
        caller,
        "entry.batch",
        lambda unit, act: record_entries(
            unit, act, number, [item.command() for item in batch.good], abort=batch.abort
        ),
        lambda outcomes: spoken_entries(batch, outcomes, "entry"),
    )


def _read(body: RawBody, on_error: str | None) -> Batch:
    """An entry without what its kind needs is a problem of its own, as it is when it comes alone."""
    batch = read_batch(EntryRequest, body, on_error)
    items = [item if isinstance(item, EdgeError) else _incomplete(item) or item for item in batch.items]
    return replace(batch, items=items)


@router.post("/search")
async def post_entry_search(
    request: Request,
    caller: CustomerServiceCaller,
    body: Annotated[EntrySearchRequest, body_of(EntrySearchRequest)],
    page: PageDep,
) -> EntriesAnswer:
    """What blocks or blocked an identifier, at this controller or everywhere."""
    given, now = body.identifier.given(), datetime.now(UTC)
    async with deployment_of(request).database.read() as unit:
        views = await search_entries(unit, caller, given, now, page.after, page.limit)
    items = [EntryAnswer.of(view) for view in views]
    return EntriesAnswer(items=items, next_cursor=page.next_cursor(views))


@router.get("/{entry_id}")
async def get_entry(request: Request, caller: CustomerServiceCaller, entry_id: UUID) -> EntryAnswer:
    """One entry of the caller's own controller."""
    async with deployment_of(request).database.read() as unit:
        return EntryAnswer.of(await seen_entry(unit, caller, entry_id))


@router.post("/{entry_id}/release", response_model=EntryAnswer)
async def post_entry_release(
    caller: ReleasingCaller,
    body: Annotated[ReleaseRequest, body_of(ReleaseRequest)],
    acts: ActsDep,
    entry_id: UUID,
) -> Response:
    """End an entry on evidence. The entry stays, and so does the record of its end."""
    evidence = body.evidence.said() if body.evidence else None
    return await acts.run(
        caller,
        "entry.released",
        lambda unit, act: release_entry(unit, act, entry_id, body.reason, evidence),
        lambda released: spoken(200, EntryAnswer.recorded(released), released.subject),
    )
