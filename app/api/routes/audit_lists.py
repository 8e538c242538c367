"""What is open and until when it must be answered, and how long it took before."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request

from app.api.callers import AuditorCaller
from app.api.cursors import limit_of, open_cursor, seal_cursor, whole_number
from app.api.problems import EdgeError
from app.api.schemas.audit_lists import DeadlineAnswer, DeadlinePage, EffectAnswer, EffectsAnswer
from app.api.schemas.base import Time
from app.api.state import deployment_of
from app.domain.deadlines import OpenPlace
from app.usecases.read_effects import read_effects
from app.usecases.read_open_things import FIRST, OpenThing, read_open_things

router = APIRouter(prefix="/v1/audit", tags=["audit"])

_LIST: Final = "deadlines"
_FARTHEST: Final = 3650
USUAL: Final = timedelta(days=30)
"""The time that is looked at unless another is asked for."""

Limit = Annotated[str | None, Query(description="1 to 1000; other numbers are brought there.")]
Cursor = Annotated[str | None, Query(description="As given in next_cursor.")]
Begin = Annotated[Time | None, Query(alias="from", description="By default 30 days before `to`.")]
End = Annotated[Time | None, Query(alias="to", description="By default now.")]


@router.get("/deadlines")
async def list_deadlines(
    _caller: AuditorCaller,
    request: Request,
    limit: Limit = None,
    cursor: Cursor = None,
    due_within: Annotated[str | None, Query(description="Only what is due in so many days.")] = None,
) -> DeadlinePage:
    """What waits for an answer, the oldest first, with the days that are left of the month for it."""
    deployment, now, most = deployment_of(request), datetime.now(UTC), limit_of(limit)
    key, last = deployment.ring.cursor_key, None
    if due_within is not None:
        days = min(max(whole_number(due_within, "due_within"), -_FARTHEST), _FARTHEST)
        last = now.date() + timedelta(days=days)
    async with deployment.database.write() as unit:
        found = await read_open_things(unit, now, _place(key, cursor), most, last)
    onward = _cursor(key, found[-1]) if len(found) == most else None
    return DeadlinePage(items=[DeadlineAnswer.of(one) for one in found], next_cursor=onward)


@router.get("/effects")
async def read_audit_effects(
    _caller: AuditorCaller, request: Request, begin: Begin = None, end: End = None
) -> EffectsAnswer:
    """How long the objections received in a time took until they were in force for good."""
    until = end or datetime.now(UTC)
    since = begin or until - USUAL
    async with deployment_of(request).database.write() as unit:
        everybody, agents = await read_effects(unit, since, until)
    told = [EffectAnswer.of(one) for one in agents]
    return EffectsAnswer(begin=since, end=until, all=EffectAnswer.of(everybody), agents=told)


def _cursor(key: bytes, last: OpenThing) -> str:
    place = last.place
    told = {"at": place.at.isoformat(), "kind": place.kind, "id": str(place.id)}
    return seal_cursor(key, {"list": _LIST, **told, "controller": str(place.controller_id)})


def _place(key: bytes, cursor: str | None) -> OpenPlace:
    if cursor is None:
        return FIRST
    place = open_cursor(key, cursor)
    if place.get("list") != _LIST:
        raise EdgeError("BAD_CURSOR")
    at, ids = datetime.fromisoformat(place["at"]), (UUID(place["id"]), UUID(place["controller"]))
    return OpenPlace(at, place["kind"], *ids)
