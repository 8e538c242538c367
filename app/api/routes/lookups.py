"""The senders' door: one request before a dispatch, up to 50,000 questions, an answer to each."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.api.bodies import body_of
from app.api.callers import LookupCaller
from app.api.metrics import count_index, count_lookup
from app.api.problems import EdgeError
from app.api.schemas.base import LARGE_BODY_BYTES, LOOKUP_IDENTIFIERS
from app.api.schemas.lookups import (
    CompactLookupAnswer,
    CompactTreeLookupAnswer,
    LookupAnswer,
    LookupRequest,
    TreeLookupAnswer,
)
from app.api.spoken_lookups import spoken_lookup, spoken_registers, with_receipt, with_seed
from app.api.state import Deployment, deployment_of
from app.api.validation import field_error
from app.domain.column import slices
from app.domain.parties import Caller
from app.domain.refusals import UnavailableError
from app.usecases.act import Act
from app.usecases.aside import MANY, alike, aside
from app.usecases.asked_identifiers import FEW, Asked, begin_reading
from app.usecases.commit_rows import RowTree
from app.usecases.look_up import Found, LookupCommand, look_up, look_up_without_facts
from app.usecases.note_lookup import lookup_note
from app.usecases.read_position import Position, read_position
from app.usecases.sent_items import SentItems
from app.usecases.sign_receipt import rfc3339, sign_lookup_receipt

router = APIRouter(tags=["lookups"])

TURN = 200
"""So many identifiers are read one by one before others have their turn: a few milliseconds."""
_Answers = LookupAnswer | CompactLookupAnswer | TreeLookupAnswer | CompactTreeLookupAnswer


@router.api_route("/v1/lookups", methods=["QUERY"], include_in_schema=False)
@router.post("/v1/lookups", response_model=_Answers)
async def post_lookup(
    request: Request,
    caller: LookupCaller,
    body: Annotated[
        LookupRequest,
        body_of(LookupRequest, max_bytes=LARGE_BODY_BYTES, item_by_item=True, listed="identifiers"),
    ],
) -> Response:
    """May this be sent: to these, by this controller, in this channel, for this purpose? 503 when nobody can
    say for certain; never "clear" by mistake."""
    if _spoken_of_in(body.identifiers) > LOOKUP_IDENTIFIERS:
        raise EdgeError("BODY_TOO_LARGE", f"A lookup asks about at most {LOOKUP_IDENTIFIERS} identifiers.")
    command = body.command(position_of(body.min_as_of))
    act = Act.begin(datetime.now(UTC), caller, hashlib.sha256(request.state.raw_body).digest())
    deployment = deployment_of(request)
    asked = await _asked(command, act)
    begun = monotonic()
    found = await _found(deployment, act, command, asked, request.state.waited)
    waited = request.state.waited + monotonic() - begun
    tree = await _tree(body, found) if body.receipt == "tree" else None
    rows = found.count if body.view == "full" else found.blocked
    answer = await aside(rows, spoken_lookup, found, act.event_id, body.view)
    if tree is not None:
        answer = with_seed(answer, tree.spoken_seed())
    digest = await aside(rows, _digest, answer)
    receipt = None
    if body.receipt != "none":
        receipt = _signed(deployment, act, body, found, digest, tree)
        await _keep(deployment, act, found, receipt, waited)
    count_lookup(found.count, found.blocked)
    return Response(with_receipt(answer, receipt), media_type="application/json")


def _spoken_of_in(items: Sequence[Any]) -> int:
    """How many identifiers a request names."""
    return len(items) if isinstance(items, SentItems) else sum(map(_spoken_of, items))


def _spoken_of(item: Any) -> int:
    """How many identifiers an item names."""
    several = item.get("all") if isinstance(item, dict) else None
    return len(several) if isinstance(several, list) else 1


def position_of(token: str | None) -> Position | None:
    if token is None:
        return None
    position = read_position(token)
    if position is None:
        wrong = field_error("string_pattern_mismatch", ("min_as_of",))
        raise EdgeError("VALIDATION", "min_as_of is no position of this registry.", errors=[wrong])
    return position


async def _asked(command: LookupCommand, act: Act) -> Asked:
    given = (command.identifiers, command.question.channel, command.region, act.now.date())
    count = len(command.identifiers)
    weight = alike(count) if isinstance(command.identifiers, SentItems) else count
    reading = await aside(weight, begin_reading, *given)
    for part in slices(len(reading.rest), TURN):
        await aside(0 if len(reading.rest) < FEW else MANY, reading.read, reading.rest[part])
    return reading.asked


async def _found(
    deployment: Deployment, act: Act, command: LookupCommand, asked: Asked, waited: float
) -> Found:
    caller: Caller = act.who
    try:
        async with deployment.database.lookup(waited) as unit:
            found = await look_up(unit, caller, command, asked, act.now)
            count_index(unit.presence.lists, unit.presence.nbytes, from_memory=unit.from_memory)
            return found
    except UnavailableError:
        return look_up_without_facts(caller, command, asked, act.now)


def _digest(answer: bytes) -> str:
    return hashlib.sha256(answer).hexdigest()


async def _tree(body: LookupRequest, found: Found) -> RowTree:
    """The commitments to all rows, under a new seed that only the answer has."""
    tree = RowTree.begin()
    await aside(found.count, tree.add, body.identifiers, found.usual, found.special)
    return tree


def _signed(
    deployment: Deployment, act: Act, body: LookupRequest, found: Found, digest: str, tree: RowTree | None
) -> str:
    """The receipt: what was asked and answered."""
    claims: dict[str, Any] = {
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
        "registers": spoken_registers(found),
        "request_sha256": act.request_digest.hex(),
        "answer_sha256": digest,
    }
    if tree is not None:
        claims["tree"] = tree.claims()
    return sign_lookup_receipt(deployment.database.instruments, found.decided_at, claims)


async def _keep(deployment: Deployment, act: Act, found: Found, receipt: str, waited: float) -> None:
    """Keep the receipt before it is given; that of an answer without facts cannot be kept."""
    if found.as_of is not None:
        note = lookup_note(act.who, act.event_id, found, receipt)
        await deployment.notes.keep(deployment.database, note, waited)
