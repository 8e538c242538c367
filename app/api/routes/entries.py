"""Customer service's door: a controller's own do-not-call list and opt-outs. Salespeople cannot enter."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.acts import ActsDep, spoken
from app.api.bodies import body_of
from app.api.callers import CustomerServiceCaller, ReleasingCaller
from app.api.paging import PageDep
from app.api.problems import EdgeError
from app.api.schemas.entries import (
    EntriesAnswer,
    EntryAnswer,
    EntryRequest,
    EntrySearchRequest,
    ReleaseRequest,
)
from app.api.state import deployment_of
from app.api.validation import field_error
from app.usecases.entry_view import own_list, search_entries, seen_entry
from app.usecases.group_entries import OwnEntry
from app.usecases.record_entry import RecordedEntry, record_entry
from app.usecases.release_entry import release_entry
from app.usecases.repeat_act import StoredAnswer

router = APIRouter(prefix="/v1/entries", tags=["entries"])


def spoken_entry(recorded: RecordedEntry) -> StoredAnswer:
    """201 for a new entry, 200 for one that stands already."""
    return spoken(200 if recorded.duplicate else 201, EntryAnswer.recorded(recorded), recorded.subject)


@router.post("", status_code=201, response_model=EntryAnswer)
async def post_entry(
    caller: CustomerServiceCaller, body: Annotated[EntryRequest, body_of(EntryRequest)], acts: ActsDep
) -> Response:
    """Put a person's wish in force, bound to the identifier."""
    missing = body.missing()
    if missing is not None:
        raise EdgeError("VALIDATION", errors=[field_error("missing", (missing,))])
    number = own_list(caller)
    command = body.command(number)
    return await acts.join(
        caller,
        "entry.recorded",
        OwnEntry(number, command),
        lambda unit, act: record_entry(unit, act, command),
        spoken_entry,
    )


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
        lambda view: spoken(200, EntryAnswer.of(view)),
    )
