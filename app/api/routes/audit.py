"""What auditors ask: how an objection came about, and what became of it."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request

from app.api.callers import AuditorCaller
from app.api.cursors import limit_of, open_cursor, seal_cursor
from app.api.paging import FIRST
from app.api.problems import EdgeError
from app.api.schemas.audit import ChainAnswer
from app.api.state import deployment_of
from app.domain.ids import uuid7
from app.usecases import audit_objection as auditing
from app.usecases.act import Act

router = APIRouter(prefix="/v1/audit", tags=["audit"])

StatedPurpose = Annotated[
    str, Header(alias="Sparr-Purpose", min_length=1, max_length=500, description="What it is read for.")
]


@router.get("/objections/{objection_id}")
async def audit_objection(
    caller: AuditorCaller,
    objection_id: UUID,
    purpose: StatedPurpose,
    request: Request,
    limit: Annotated[str | None, Query(description="1 to 1000; other numbers are brought there.")] = None,
    cursor: Annotated[str | None, Query(description="As given in next_cursor.")] = None,
) -> ChainAnswer:
    """The chain of an objection: mandate, verification, act, every state, who, when and why."""
    deployment, act = deployment_of(request), Act.begin(datetime.now(UTC), caller, b"", purpose)
    key, name = deployment.ring.cursor_key, f"chain of {objection_id}"
    # The first id of this millisecond: what this reading itself adds comes after.
    place = {"after": str(FIRST), "before": str(uuid7(act.now, bytes(10)))}
    if cursor is not None:
        place = open_cursor(key, cursor)
        if place.get("of") != name:
            raise EdgeError("BAD_CURSOR")
    after, before = UUID(place["after"]), UUID(place["before"])
    async with deployment.database.write() as unit:
        chain = await auditing.audit_objection(unit, act, objection_id, after, before, limit_of(limit))
    last = str(chain.links[-1].event_id) if chain.more else ""
    onward = seal_cursor(key, {**place, "of": name, "after": last}) if chain.more else None
    return ChainAnswer.of(chain, onward)
