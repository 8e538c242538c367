"""The person's right to be forgotten by the registry, under the eyes of two admins (GDPR Art. 17)."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.api.acts import ActsDep, spoken
from app.api.bodies import body_of
from app.api.callers import AdminCaller
from app.api.schemas.subjects import ErasureAnswer, ErasureRequest
from app.api.state import deployment_of
from app.domain.erasure import ErasureState
from app.usecases.erase_subjects import ERASED, ErasureView, erase_subjects
from app.usecases.repeat_act import StoredAnswer

router = APIRouter(prefix="/v1/subjects", tags=["subjects"])

DONE, WAITING = 200, 202


def _spoken(view: ErasureView) -> StoredAnswer:
    return spoken(WAITING if view.state == ErasureState.REQUESTED else DONE, ErasureAnswer.of(view))


@router.post("/erase", response_model=ErasureAnswer, responses={WAITING: {"model": ErasureAnswer}})
async def post_erasure(
    request: Request,
    caller: AdminCaller,
    body: Annotated[ErasureRequest, body_of(ErasureRequest)],
    acts: ActsDep,
) -> Response:
    """Erase what can be read of a person. 202 for the first admin; a second, different one who sends the same
    identifiers destroys the keys. The entries stay as tombstones, and block."""
    database = deployment_of(request).database
    given = [one.given() for one in body.identifiers]
    return await acts.run(
        caller, ERASED, lambda unit, act: erase_subjects(database, unit, act, given, body.reason), _spoken
    )
