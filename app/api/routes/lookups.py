"""The senders' door: one request before a dispatch, up to 50,000 questions, an answer to each."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.api.bodies import body_of
from app.api.callers import LookupCaller
from app.api.metrics import count_index, count_lookup
from app.api.problems import EdgeError
from app.api.schemas.base import LARGE_BODY_BYTES, LOOKUP_IDENTIFIERS
from app.api.schemas.lookups import CompactLookupAnswer, LookupAnswer, LookupRequest
from app.api.spoken_lookups import spoken_lookup, with_receipt
from app.api.state import Deployment, deployment_of
from app.api.validation import field_error
from app.domain.parties import Caller
from app.domain.refusals import UnavailableError
from app.usecases.act import Act
from app.usecases.asked_identifiers import Asked, read_asked
from app.usecases.look_up import Found, LookupCommand, look_up, look_up_without_facts
from app.usecases.note_lookup import note_lookup
from app.usecases.read_position import Position, read_position
from app.usecases.sign_receipt import rfc3339, sign_lookup_receipt

router = APIRouter(tags=["lookups"])

MANY = 500
"""From so many identifiers on, reading them leaves the event loop to others."""


@router.api_route("/v1/lookups", methods=["QUERY"], include_in_schema=False)
@router.post("/v1/lookups", response_model=LookupAnswer | CompactLookupAnswer)
async def post_lookup(
    request: Request,
    caller: LookupCaller,
    body: Annotated[LookupRequest, body_of(LookupRequest, max_bytes=LARGE_BODY_BYTES)],
) -> Response:
    """May this be sent: to these, by this controller, in this channel, for this purpose? 503 when nobody can
    say for certain; never "clear" by mistake."""
    if sum(map(_spoken_of, body.identifiers)) > LOOKUP_IDENTIFIERS:
        raise EdgeError("BODY_TOO_LARGE", f"A lookup asks about at most {LOOKUP_IDENTIFIERS} identifiers.")
    command = body.command(_position(body.min_as_of))
    act = Act.begin(datetime.now(UTC), caller, hashlib.sha256(request.state.raw_body).digest())
    deployment = deployment_of(request)
    found = await _found(deployment, act, command, await _asked(command, act))
    answer = spoken_lookup(found, act.event_id, body.view)
    receipt = await _receipt(deployment, act, body, found, answer) if body.receipt == "digest" else None
    count_lookup(found.count, found.blocked)
    return Response(with_receipt(answer, receipt), media_type="application/json")


def _spoken_of(item: Any) -> int:
    """How many identifiers an item names."""
    several = item.get("all") if isinstance(item, dict) else None
    return len(several) if isinstance(several, list) else 1


def _position(token: str | None) -> Position | None:
    if token is None:
        return None
    position = read_position(token)
    if position is None:
        wrong = field_error("string_pattern_mismatch", ("min_as_of",))
        raise EdgeError("VALIDATION", "min_as_of is no position of this registry.", errors=[wrong])
    return position


async def _asked(command: LookupCommand, act: Act) -> Asked:
    given = (command.identifiers, command.question.channel, command.region, act.now.date())
    if len(command.identifiers) < MANY:
        return read_asked(*given)
    return await asyncio.to_thread(read_asked, *given)


async def _found(deployment: Deployment, act: Act, command: LookupCommand, asked: Asked) -> Found:
    caller: Caller = act.who
    try:
        async with deployment.database.lookup() as unit:
            found = await look_up(unit, caller, command, asked, act.now)
            count_index(unit.presence.lists, unit.presence.nbytes, from_memory=unit.from_memory)
            return found
    except UnavailableError:
        return look_up_without_facts(caller, command, asked, act.now)


async def _receipt(deployment: Deployment, act: Act, body: LookupRequest, found: Found, answer: bytes) -> str:
    """Sign what was asked and answered, and keep the receipt. An answer without facts cannot be kept."""
    claims = {
        "jti": str(act.event_id),
        "controller_id": str(body.controller_id),
        "channel": body.channel,
        "purpose": body.purpose,
        "promo": body.promo,
        "asked": found.count,
        "blocked": found.blocked,
        "as_of": str(found.as_of) if found.as_of else None,
        "decided_at": rfc3339(found.decided_at),
        "valid_until": rfc3339(found.valid_until),
        "request_sha256": act.request_digest.hex(),
        "answer_sha256": hashlib.sha256(answer).hexdigest(),
    }
    receipt = sign_lookup_receipt(deployment.database.instruments, found.decided_at, claims)
    if found.as_of is not None:
        async with deployment.database.write() as unit:
            await note_lookup(unit, act.who, act.event_id, found, receipt)
    return receipt
