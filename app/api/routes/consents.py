"""Consents of a controller: what its customer service was told, and what was taken back."""

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
    ConsentAnswer,
    ConsentBatchAnswer,
    ConsentBatchRequest,
    ConsentRequest,
    ConsentsAnswer,
    ConsentWithdrawalRequest,
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

router = APIRouter(prefix="/v1/consents", tags=["consents"])


def _spoken(view: FactView) -> StoredAnswer:
    return spoken(200 if view.duplicate else 201, ConsentAnswer.of(view), view.subject)


@router.post("", status_code=201, response_model=ConsentAnswer)
async def post_consent(
    caller: CustomerServiceCaller, body: Annotated[ConsentRequest, body_of(ConsentRequest)], acts: ActsDep
) -> Response:
    """Record a consent to this controller. It ends no objection; at most it goes before one (R14)."""
    number, command = own_list(caller), body.command()
    return await acts.join(
        caller,
        "consent.recorded",
        OwnFact(number, command),
        lambda unit, act: record_fact(unit, act, number, command),
        _spoken,
    )


@router.post("/batch", status_code=200, response_model=ConsentBatchAnswer)
async def post_consents(
    caller: CustomerServiceCaller,
    body: Annotated[
        RawBody, raw_body(media=BATCH_MEDIA, max_bytes=LARGE_BODY_BYTES, model=ConsentBatchRequest)
    ],
    acts: ActsDep,
    on_error: Annotated[Literal["continue", "abort"] | None, Query(description="For NDJSON.")] = None,
) -> Response:
    """Record up to 10,000 consents, JSON or NDJSON; each has its own outcome at its index."""
    number, batch = own_list(caller), await asyncio.to_thread(read_batch, ConsentRequest, body, on_error)
    return await acts.run(
        caller,
        "consent.batch",
        lambda unit, act: record_facts(
            unit, act, number, [item.command() for item in batch.good], abort=batch.abort
        ),
        lambda outcomes: _spoken_batch(batch, outcomes),
    )


def _spoken_batch(batch: Batch, outcomes: Sequence[FactOutcome]) -> StoredAnswer:
    return spoken_batch(batch, [_item(one) for one in outcomes], "consent")


def _item(outcome: FactOutcome) -> SpokenItem | RefusedError:
    if isinstance(outcome, RefusedError):
        return outcome
    answer = _spoken(outcome)
    return SpokenItem(answer.status, answer.parts[0])


@router.post("/search")
async def post_consent_search(
    request: Request,
    caller: CustomerServiceCaller,
    body: Annotated[EntrySearchRequest, body_of(EntrySearchRequest)],
    page: PageDep,
) -> ConsentsAnswer:
    """The consents of an identifier at this controller, also those that are over."""
    given, now = body.identifier.given(), datetime.now(UTC)
    async with deployment_of(request).database.read() as unit:
        views = await search_facts(unit, caller, FactKind.CONSENT, given, now, page.after, page.limit)
    items = [ConsentAnswer.of(view) for view in views]
    return ConsentsAnswer(items=items, next_cursor=page.next_cursor(views))


@router.get("/{consent_id}")
async def get_consent(request: Request, caller: CustomerServiceCaller, consent_id: UUID) -> ConsentAnswer:
    """One consent of the caller's own controller, as it stands now."""
    async with deployment_of(request).database.read() as unit:
        return ConsentAnswer.of(await seen_fact(unit, caller, FactKind.CONSENT, consent_id))


@router.post("/{consent_id}/withdraw", response_model=ConsentAnswer)
async def post_consent_withdrawal(
    caller: CustomerServiceCaller,
    body: Annotated[ConsentWithdrawalRequest, body_of(ConsentWithdrawalRequest)],
    acts: ActsDep,
    consent_id: UUID,
) -> Response:
    """Withdraw a consent. Whatever it went before blocks again from the next lookup on."""
    command = EndCommand(FactKind.CONSENT, own_list(caller), consent_id, reference=body.reference)
    return await acts.run(
        caller,
        "consent.ended",
        lambda unit, act: end(unit, act, command),
        lambda view: spoken(200, ConsentAnswer.of(view), view.subject),
    )
