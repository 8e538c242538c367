"""Mandates: the list, one with its checks, its history, and its evidence behind a stated purpose."""

import json
from typing import Any
from uuid import UUID

from starlette.responses import Response

from app.console.doors import act, page, reading
from app.console.visits import Visit
from app.domain.channels import channel_codes
from app.domain.document_evidence import DOCUMENT_REVIEW
from app.domain.mandate import MandateState
from app.domain.mandate_doubt import Finding
from app.domain.refusals import Refusal, RefusedError
from app.usecases import browse_acts as browsing
from app.usecases import contest_mandate as contesting
from app.usecases import read_evidence as evidence
from app.usecases import read_mandates as mandates
from app.usecases import recheck_mandate as rechecking
from app.usecases.mandate_view import MandateView
from app.usecases.name_parties import name_parties

ROWS = 50
METHODS = ("person", "form", "call", "email", "sms", "letter", "eid", "other")
"""How a person confirms; the words of evidence everywhere (docs/api.md)."""

REVIEWS = ("accepted", "refused")
"""What an admin finds of a document."""


async def listing(visit: Visit) -> Response:
    """Newest first, filtered by state and agent; an id leads straight to its mandate."""
    if visit.asked("id"):
        wanted_id = visit.asked_id("id")
        return visit.go(f"/mandates/{wanted_id}")
    state = visit.asked("state")
    chosen = MandateState(state) if state in set(MandateState) else None
    wanted = browsing.MandateFilter(chosen, visit.asked_id("agent"))
    before = visit.asked_id("before") or browsing.NEWEST
    rows, more = await browsing.browse_mandates(visit.parts.database, visit.begin(), wanted, before, ROWS)
    return visit.page(
        "mandates.html",
        rows=rows,
        onward=rows[-1].id if more else None,
        states=list(MandateState),
        state=chosen,
        agent=visit.asked("agent"),
        now=visit.now,
    )


async def one(visit: Visit) -> Response:
    """What was registered, and every check as a sentence. Identifiers are masked."""
    view, findings = await mandates.read_mandate_checks(
        visit.parts.database, visit.begin(), visit.id("mandate_id")
    )
    async with visit.parts.database.read() as unit:
        names = await name_parties(unit, [view.agent_id, *(view.controllers or ())])
    return visit.page("mandate.html", **_shown(visit, view, findings), names=names)


async def history(visit: Visit) -> Response:
    """Everything that happened to it, oldest first."""
    act_, mandate_id = visit.begin(), visit.id("mandate_id")
    after = visit.asked_id("after") or UUID(int=0)
    before = visit.asked_id("until") or act_.event_id
    events, more = await mandates.read_mandate_events(
        visit.parts.database, act_, mandate_id, after, before, ROWS
    )
    return visit.page(
        "history.html",
        about="mandate",
        object_id=mandate_id,
        events=events,
        onward=events[-1].id if more else None,
        until=before,
    )


async def open_evidence(visit: Visit) -> Response:
    """The evidence, for a purpose that the journal keeps."""
    mandate_id = visit.id("mandate_id")
    purpose = visit.text("purpose")
    opened = await visit.act(
        evidence.OPENED, lambda unit, act_: evidence.read_evidence(unit, act_, mandate_id), purpose
    )
    return visit.page(
        "evidence.html",
        opened=opened,
        purpose=purpose,
        claims=_written(opened.claims),
        evidence=_written(opened.evidence),
    )


async def contest(visit: Visit) -> Response:
    """One admin's finding."""
    mandate_id, reason = visit.id("mandate_id"), visit.text("reason")
    finding = visit.form.get("finding", "")
    if finding not in set(Finding):
        finding = Finding.FORGED
    said = None
    if finding == Finding.CONFIRMED:
        method = visit.form.get("method", "")
        said = {"method": method if method in METHODS else "other", "reference": visit.text("reference")}
    await visit.act(
        contesting.CONTESTED,
        lambda unit, act_: contesting.contest_mandate(unit, act_, mandate_id, Finding(finding), reason, said),
    )
    return visit.go(f"/mandates/{mandate_id}", f"found_{finding}")


async def recheck(visit: Visit) -> Response:
    """Run the checks again, as of when the mandate came in."""
    mandate_id = visit.id("mandate_id")
    await visit.act(
        rechecking.RECHECKED, lambda unit, act_: rechecking.recheck_mandate(unit, act_, mandate_id)
    )
    return visit.go(f"/mandates/{mandate_id}", "rechecked")


async def review(visit: Visit) -> Response:
    """Say what the document shows. A word that is not of the form's two was not put there by our page."""
    mandate_id, reason = visit.id("mandate_id"), visit.text("reason")
    outcome = visit.form.get("outcome", "")
    if outcome not in REVIEWS:
        raise RefusedError(Refusal.UNKNOWN_REFERENCE)
    accepted = outcome == REVIEWS[0]
    await visit.act(
        rechecking.REVIEWED,
        lambda unit, act_: rechecking.review_mandate(unit, act_, mandate_id, reason, accepted=accepted),
    )
    return visit.go(f"/mandates/{mandate_id}", f"review_{outcome}")


def _shown(visit: Visit, view: MandateView, findings: Any) -> dict[str, Any]:
    return {
        "mandate": view,
        "findings": findings,
        "channels": channel_codes(view.channels),
        "contestable": view.state not in {MandateState.VOID, MandateState.REJECTED},
        "contested": view.state is MandateState.CONTESTED,
        "document": any(check.code == DOCUMENT_REVIEW for check in view.checks),
        "reviews": REVIEWS,
        "methods": METHODS,
        "now": visit.now,
    }


def _written(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)


DOORS = (
    page("/mandates", listing),
    page("/mandates/{mandate_id}", one),
    page("/mandates/{mandate_id}/history", history),
    reading("/mandates/{mandate_id}/evidence", open_evidence),
    act("/mandates/{mandate_id}/contest", contest),
    act("/mandates/{mandate_id}/recheck", recheck),
    act("/mandates/{mandate_id}/review", review),
)
