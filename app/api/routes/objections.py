"""The agents' door: objections under mandates, one or ten thousand at a time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.api.acts import ActsDep, spoken
from app.api.batches import BATCH_MEDIA, SpokenItem, read_batch, spoken_batch
from app.api.bodies import RawBody, body_of, raw_body
from app.api.callers import AdminCaller, CustomerServiceCaller, ObjectingCaller, ObjectionReader
from app.api.paging import PageDep
from app.api.problems import EdgeError
from app.api.schemas.base import LARGE_BODY_BYTES
from app.api.schemas.objections import (
    AddIdentifiersRequest,
    AssessRequest,
    BatchAnswer,
    BatchRequest,
    EventAnswer,
    EventsAnswer,
    ObjectionAnswer,
    ObjectionRequest,
    VoidRequest,
    WithdrawRequest,
)
from app.api.state import deployment_of
from app.domain.refusals import RefusedError
from app.usecases.act import Act
from app.usecases.add_identifiers import add_identifiers
from app.usecases.assess_objection import assess_objection
from app.usecases.objection_view import ObjectionView, seen_objection
from app.usecases.read_events import read_objection_events
from app.usecases.record_objection import Outcome, record_objection, record_objections
from app.usecases.repeat_act import StoredAnswer
from app.usecases.void_objection import void_objection
from app.usecases.withdraw_objection import withdraw_objection

router = APIRouter(prefix="/v1/objections", tags=["objections"])

CREATED, DONE = 201, 200

BATCH_ENTRIES = 100_000
"""Identifiers times controllers: 16 MiB could ask for many millions, and a transaction has half a minute."""


def _spoken(view: ObjectionView) -> StoredAnswer:
    return spoken(DONE, ObjectionAnswer.of(view), view.subject)


def _received(view: ObjectionView) -> StoredAnswer:
    status = CREATED if view.duplicate_of is None else DONE
    return spoken(status, ObjectionAnswer.of(view), view.subject)


@router.post("", status_code=CREATED, response_model=ObjectionAnswer)
async def post_objection(
    caller: ObjectingCaller, body: Annotated[ObjectionRequest, body_of(ObjectionRequest)], acts: ActsDep
) -> Response:
    """Receive an objection (GDPR Art. 21(2)); it blocks from the next lookup on. 200 if it stands already."""
    command = body.command()
    return await acts.join(
        caller,
        "objection.received",
        command,
        lambda unit, act: record_objection(unit, act, command),
        _received,
        key_required=True,
    )


@router.post("/batch", status_code=DONE, response_model=BatchAnswer)
async def post_objections(
    caller: ObjectingCaller,
    body: Annotated[RawBody, raw_body(media=BATCH_MEDIA, max_bytes=LARGE_BODY_BYTES, model=BatchRequest)],
    acts: ActsDep,
    on_error: Annotated[Literal["continue", "abort"] | None, Query(description="For NDJSON.")] = None,
) -> Response:
    """Receive up to 10,000 objections, JSON or NDJSON; each has its own outcome at its index."""
    batch = await asyncio.to_thread(read_batch, ObjectionRequest, body, on_error)
    if sum(item.reach() for item in batch.items if isinstance(item, ObjectionRequest)) > BATCH_ENTRIES:
        raise EdgeError("BODY_TOO_LARGE", f"A batch puts at most {BATCH_ENTRIES} entries in force.")

    commands = await asyncio.to_thread(lambda: [item.command() for item in batch.fitting])

    def speak(outcomes: Sequence[Outcome]) -> StoredAnswer:
        return spoken_batch(batch, [_item(one) for one in outcomes], "objection")

    return await acts.run(
        caller,
        "objection.batch",
        lambda unit, act: record_objections(unit, act, batch.admitted(commands), abort=batch.abort),
        speak,
        many=True,
    )


def _item(outcome: Outcome) -> SpokenItem | RefusedError:
    if isinstance(outcome, RefusedError):
        return outcome
    answer = _received(outcome)
    return SpokenItem(answer.status, answer.parts[0])


@router.get("/{objection_id}", response_model=ObjectionAnswer)
async def get_objection(request: Request, caller: ObjectionReader, objection_id: UUID) -> Response:
    """One objection as it stands now."""
    async with deployment_of(request).database.read() as unit:
        view = await seen_objection(unit, Act.begin(datetime.now(UTC), caller), objection_id)
    return Response(ObjectionAnswer.of(view).model_dump_json(), media_type="application/json")


@router.get("/{objection_id}/events")
async def get_objection_events(
    request: Request, caller: ObjectionReader, objection_id: UUID, page: PageDep
) -> EventsAnswer:
    """What happened to an objection, oldest first. Nothing in it was ever changed."""
    async with deployment_of(request).database.read() as unit:
        act = Act.begin(datetime.now(UTC), caller)
        rows = await read_objection_events(unit, act, objection_id, page.after, page.limit)
    items = [EventAnswer.of(row) for row in rows]
    return EventsAnswer(items=items, next_cursor=page.next_cursor(rows))


@router.post("/{objection_id}/identifiers", response_model=ObjectionAnswer)
async def post_objection_identifiers(
    caller: ObjectingCaller,
    body: Annotated[AddIdentifiersRequest, body_of(AddIdentifiersRequest)],
    acts: ActsDep,
    objection_id: UUID,
) -> Response:
    """Let the same will reach a new number or address of the person."""
    given = [one.given() for one in body.identifiers]
    return await acts.run(
        caller,
        "objection.identifiers_added",
        lambda unit, act: add_identifiers(unit, act, objection_id, given),
        _spoken,
    )


@router.post("/{objection_id}/withdraw", response_model=ObjectionAnswer)
async def post_objection_withdrawal(
    caller: ObjectingCaller,
    body: Annotated[WithdrawRequest, body_of(WithdrawRequest)],
    acts: ActsDep,
    objection_id: UUID,
) -> Response:
    """Take an objection back; an agent needs the right `withdraw_objection`. Its history stays whole."""
    evidence = body.evidence.said() if body.evidence else None
    return await acts.run(
        caller,
        "objection.withdrawn",
        lambda unit, act: withdraw_objection(unit, act, objection_id, evidence),
        _spoken,
    )


@router.post("/{objection_id}/void", response_model=ObjectionAnswer)
async def post_objection_void(
    caller: AdminCaller,
    body: Annotated[VoidRequest, body_of(VoidRequest)],
    acts: ActsDep,
    objection_id: UUID,
) -> Response:
    """Contest a forged objection, and as a second, different admin void it. Until then it blocks."""
    return await acts.run(
        caller,
        "objection.voided",
        lambda unit, act: void_objection(unit, act, objection_id, body.reason),
        _spoken,
    )


@router.post("/{objection_id}/assess", response_model=ObjectionAnswer)
async def post_objection_assessment(
    caller: CustomerServiceCaller,
    body: Annotated[AssessRequest, body_of(AssessRequest)],
    acts: ActsDep,
    objection_id: UUID,
) -> Response:
    """Uphold a general objection, or reject it with reasons; one to direct marketing is never weighed."""
    return await acts.run(
        caller,
        "objection.assessed",
        lambda unit, act: assess_objection(unit, act, objection_id, body.outcome, body.reasons),
        _spoken,
    )
