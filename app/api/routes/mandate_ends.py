"""A mandate in doubt, and its ends. None of them ends an objection that was received before, but forgery."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from app.api.acts import ActsDep, spoken
from app.api.bodies import body_of
from app.api.callers import AdminCaller, MandateRevoker
from app.api.schemas.mandate_ends import CloseRequest, ContestRequest, ReviewRequest, SupersedeRequest
from app.api.schemas.mandates import MandateAnswer
from app.domain.mandate_doubt import Finding
from app.usecases import contest_mandate as contesting
from app.usecases import end_mandate as ending
from app.usecases import recheck_mandate as rechecking
from app.usecases.mandate_view import MandateView
from app.usecases.repeat_act import StoredAnswer

router = APIRouter(prefix="/v1/mandates", tags=["mandates"])


def _spoken(view: MandateView) -> StoredAnswer:
    return spoken(200, MandateAnswer.of(view), view.subject)


@router.post("/{mandate_id}/contest", response_model=MandateAnswer)
async def contest_mandate(
    caller: AdminCaller,
    body: Annotated[ContestRequest, body_of(ContestRequest)],
    mandate_id: UUID,
    acts: ActsDep,
) -> Response:
    """Contest a mandate with all that rests on it, and settle that. What is contested blocks."""
    evidence = body.evidence.said() if body.evidence else None
    return await acts.run(
        caller,
        contesting.CONTESTED,
        lambda unit, act: contesting.contest_mandate(
            unit, act, mandate_id, Finding(body.finding), body.reason, evidence
        ),
        _spoken,
    )


@router.post("/{mandate_id}/supersede", response_model=MandateAnswer)
async def supersede_mandate(
    caller: MandateRevoker,
    body: Annotated[SupersedeRequest, body_of(SupersedeRequest)],
    mandate_id: UUID,
    acts: ActsDep,
) -> Response:
    """Let a newer mandate take the place of this one. Otherwise overlapping ones stand side by side."""
    return await acts.run(
        caller,
        ending.SUPERSEDED,
        lambda unit, act: ending.supersede_mandate(unit, act, mandate_id, body.by),
        _spoken,
    )


@router.post("/{mandate_id}/close", response_model=MandateAnswer)
async def close_mandate(
    caller: MandateRevoker,
    body: Annotated[CloseRequest, body_of(CloseRequest)],
    mandate_id: UUID,
    acts: ActsDep,
) -> Response:
    """Close a mandate for new acts: its grantor has died or come of age. Its objections stay in force."""
    return await acts.run(
        caller,
        ending.CLOSED,
        lambda unit, act: ending.close_mandate(
            unit, act, mandate_id, ending.ClosedBy(body.cause), body.reason
        ),
        _spoken,
    )


@router.post("/{mandate_id}/recheck", response_model=MandateAnswer)
async def recheck_mandate(caller: AdminCaller, mandate_id: UUID, acts: ActsDep) -> Response:
    """Run the checks again, as of when the mandate came in. The finding is added to the first one."""
    return await acts.run(
        caller,
        rechecking.RECHECKED,
        lambda unit, act: rechecking.recheck_mandate(unit, act, mandate_id),
        _spoken,
    )


@router.post("/{mandate_id}/review", response_model=MandateAnswer)
async def review_mandate(
    caller: AdminCaller,
    body: Annotated[ReviewRequest, body_of(ReviewRequest)],
    mandate_id: UUID,
    acts: ActsDep,
) -> Response:
    """Say whether the document is what it says. Accepted, it counts as L2."""
    accepted = body.outcome == "accepted"
    return await acts.run(
        caller,
        rechecking.REVIEWED,
        lambda unit, act: rechecking.review_mandate(unit, act, mandate_id, body.reason, accepted=accepted),
        _spoken,
    )
