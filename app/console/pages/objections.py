"""Objections: the list, one with its timeline, the whole chain for a stated purpose, and voiding by two."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from app.console.doors import act, page, reading
from app.console.visits import Visit
from app.domain.channels import channel_codes
from app.domain.objection import IN_FORCE, ObjectionState
from app.domain.purposes import purpose_codes
from app.usecases import audit_objection as auditing
from app.usecases import browse_acts as browsing
from app.usecases import void_objection as voiding
from app.usecases.name_parties import name_parties
from app.usecases.objection_view import ObjectionView, seen_objection
from app.usecases.read_events import read_objection_events

ROWS = 50
_CHAIN = 500


async def listing(visit: Visit) -> Response:
    """Newest first, filtered by state and mandate; an id leads straight to its objection."""
    if visit.asked("id"):
        return visit.go(f"/objections/{visit.asked_id('id')}")
    state = visit.asked("state")
    chosen = ObjectionState(state) if state in set(ObjectionState) else None
    wanted = browsing.ObjectionFilter(chosen, visit.asked_id("mandate"))
    before = visit.asked_id("before") or browsing.NEWEST
    async with visit.parts.database.read() as unit:
        rows, more = await browsing.browse_objections(unit, wanted, before, ROWS)
    return visit.page(
        "objections.html",
        rows=rows,
        onward=rows[-1].id if more else None,
        states=list(ObjectionState),
        state=chosen,
        mandate=visit.asked("mandate"),
    )


async def one(visit: Visit) -> Response:
    """What was received, masked, and its timeline in codes."""
    objection_id, act_ = visit.id("objection_id"), visit.begin()
    after = visit.asked_id("after") or UUID(int=0)
    async with visit.parts.database.read() as unit:
        view = await seen_objection(unit, act_, objection_id)
        rows = await read_objection_events(unit, act_, objection_id, after, ROWS + 1)
        names = await name_parties(unit, _named(view))
    return visit.page(
        "objection.html",
        names=names,
        objection=view,
        **_shown(view),
        events=rows[:ROWS],
        onward=rows[ROWS - 1].id if len(rows) > ROWS else None,
    )


async def chain(visit: Visit) -> Response:
    """The whole chain, with what was stated and the identifiers as they are, for a stated purpose."""
    objection_id, purpose = visit.id("objection_id"), visit.text("purpose")

    found = await visit.act(
        auditing.AUDITED,
        lambda unit, act_: auditing.audit_objection(
            unit, act_, objection_id, UUID(int=0), act_.event_id, _CHAIN
        ),
        purpose,
    )
    view = found.objection
    async with visit.parts.database.read() as unit:
        names = await name_parties(unit, _named(view))
    return visit.page("chain.html", chain=found, objection=view, **_shown(view), names=names, purpose=purpose)


async def void(visit: Visit) -> Response:
    """The first admin contests, the second, different one voids."""
    objection_id, reason = visit.id("objection_id"), visit.text("reason")
    view = await visit.act(
        "objection.voided", lambda unit, act_: voiding.void_objection(unit, act_, objection_id, reason)
    )
    voided = view.state is ObjectionState.VOIDED
    return visit.go(f"/objections/{objection_id}", "voided" if voided else "contested")


def _named(view: ObjectionView) -> list[UUID | None]:
    """Whose names the page needs; None is all controllers."""
    return [one.controller_id for one in view.controllers]


def _shown(view: ObjectionView) -> dict[str, Any]:
    return {
        "channels": channel_codes(view.channels),
        "purposes": purpose_codes(view.purposes),
        "voidable": view.state in IN_FORCE,
        "contested": view.state is ObjectionState.CONTESTED,
    }


DOORS = (
    page("/objections", listing),
    page("/objections/{objection_id}", one),
    reading("/objections/{objection_id}/chain", chain),
    act("/objections/{objection_id}/void", void),
)
