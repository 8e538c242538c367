"""Who is a customer or a member of a controller, as far as a rule has to know it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.api.acts import ActsDep, spoken
from app.api.batches import BATCH_MEDIA, Batch, SpokenItem, read_batch, spoken_batch
from app.api.bodies import RawBody, body_of, raw_body
from app.api.callers import CustomerServiceCaller
from app.api.paging import PageDep
from app.api.schemas.base import LARGE_BODY_BYTES
from app.api.schemas.consents import (
    RelationshipAnswer,
    RelationshipBatchAnswer,
    RelationshipBatchRequest,
    RelationshipEndRequest,
    RelationshipRequest,
    RelationshipsAnswer,
)
from app.api.schemas.entries import EntrySearchRequest
from app.api.state import deployment_of
from app.domain.fact_kind import FactKind
from app.domain.refusals import RefusedError
from app.usecases.end_fact import EndCommand, end
from app.usecases.entry_view import own_list
from app.usecases.fact_view import FactView
from app.usecases.group_facts import OwnFact
from app.usecases.read_facts import search_facts, seen_fact
from app.usecases.record_fact import FactOutcome, record_fact, record_facts
from app.usecases.repeat_act import StoredAnswer

router = APIRouter(prefix="/v1/relationships", tags=["relationships"])


def _spoken(view: FactView) -> StoredAnswer:
    return spoken(200 if view.duplicate else 201, RelationshipAnswer.of(view), view.subject)


@router.post("", status_code=201, response_model=RelationshipAnswer)
async def post_relationship(
    caller: CustomerServiceCaller,
    body: Annotated[RelationshipRequest, body_of(RelationshipRequest)],
    acts: ActsDep,
) -> Response:
    """Record that a person is a customer or a member. It lifts no objection, ever."""
    number, command = own_list(caller), body.command()
    return await acts.join(
        caller,
        "relationship.recorded",
        OwnFact(number, command),
        lambda unit, act: record_fact(unit, act, number, command),
        _spoken,
    )


@router.post("/batch", status_code=200, response_model=RelationshipBatchAnswer)
async def post_relationships(
    caller: CustomerServiceCaller,
    body: Annotated[
        RawBody, raw_body(media=BATCH_MEDIA, max_bytes=LARGE_BODY_BYTES, model=RelationshipBatchRequest)
    ],
    acts: ActsDep,
    on_error: Annotated[Literal["continue", "abort"] | None, Query(description="For NDJSON.")] = None,
) -> Response:
    """Record up to 10,000 relationships, JSON or NDJSON; each has its own outcome at its index."""
    number, batch = own_list(caller), await asyncio.to_thread(read_batch, RelationshipRequest, body, on_error)
    return await acts.run(
        caller,
        "relationship.batch",
        lambda unit, act: record_facts(
            unit, act, number, [item.command() for item in batch.good], abort=batch.abort
        ),
        lambda outcomes: _spoken_batch(batch, outcomes),
    )


def _spoken_batch(batch: Batch, outcomes: Sequence[FactOutcome]) -> StoredAnswer:
    return spoken_batch(batch, [_item(one) for one in outcomes], "relationship")


def _item(outcome: FactOutcome) -> SpokenItem | RefusedError:
    if isinstance(outcome, RefusedError):
        return outcome
    answer = _spoken(outcome)
    return SpokenItem(answer.status, answer.parts[0])


@router.post("/search")
async def post_relationship_search(
    request: Request,
    caller: CustomerServiceCaller,
    body: Annotated[EntrySearchRequest, body_of(EntrySearchRequest)],
    page: PageDep,
) -> RelationshipsAnswer:
    """The relationships of an identifier at this controller, also those that are over."""
    given, now = body.identifier.given(), datetime.now(UTC)
    async with deployment_of(request).database.read() as unit:
        views = await search_facts(unit, caller, FactKind.RELATIONSHIP, given, now, page.after, page.limit)
    items = [RelationshipAnswer.of(view) for view in views]
    return RelationshipsAnswer(items=items, next_cursor=page.next_cursor(views))


@router.get("/{relationship_id}")
async def get_relationship(
    request: Request, caller: CustomerServiceCaller, relationship_id: UUID
) -> RelationshipAnswer:
    """One relationship of the caller's own controller, as it stands now."""
    async with deployment_of(request).database.read() as unit:
        return RelationshipAnswer.of(await seen_fact(unit, caller, FactKind.RELATIONSHIP, relationship_id))


@router.post("/{relationship_id}/end", response_model=RelationshipAnswer)
async def post_relationship_end(
    caller: CustomerServiceCaller,
    body: Annotated[RelationshipEndRequest, body_of(RelationshipEndRequest)],
    acts: ActsDep,
    relationship_id: UUID,
) -> Response:
    """End a relationship; a former customer counts as one for twelve months."""
    command = EndCommand(
        FactKind.RELATIONSHIP, own_list(caller), relationship_id, body.ended_at, body.reference
    )
    return await acts.run(
        caller,
        "relationship.ended",
        lambda unit, act: end(unit, act, command),
        lambda view: spoken(200, RelationshipAnswer.of(view), view.subject),
    )
