"""Can a mandate be trusted? The evidence for admins and auditors, a signed proof for controllers."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from app.api.callers import AuditorCaller, SenderCaller
from app.api.routes.audit import StatedPurpose
from app.api.schemas.mandate_proofs import EvidenceAnswer, ProofAnswer
from app.api.state import deployment_of
from app.usecases.act import Act
from app.usecases.prove_mandate import prove_mandate
from app.usecases.read_evidence import read_evidence

router = APIRouter(prefix="/v1/mandates", tags=["mandates"])


@router.get("/{mandate_id}/evidence")
async def read_mandate_evidence(
    caller: AuditorCaller, mandate_id: UUID, purpose: StatedPurpose, request: Request
) -> EvidenceAnswer:
    """The claims and the evidence verbatim, for a purpose that is journalled."""
    act = Act.begin(datetime.now(UTC), caller, b"", purpose)
    async with deployment_of(request).database.write() as unit:
        view = await read_evidence(unit, act, mandate_id)
    return EvidenceAnswer.of(view)


@router.get("/{mandate_id}/proof")
async def read_mandate_proof(
    caller: SenderCaller,
    mandate_id: UUID,
    controller_id: Annotated[UUID, Query(description="For whom: entries in its list rest on the mandate.")],
    request: Request,
) -> ProofAnswer:
    """What a controller may know of a mandate that was used towards it, with a signature over it."""
    act = Act.begin(datetime.now(UTC), caller, b"", request.scope["state"]["stated_purpose"])
    async with deployment_of(request).database.write() as unit:
        claims, receipt = await prove_mandate(unit, act, mandate_id, controller_id)
    return ProofAnswer.model_validate({**claims, "receipt": receipt}, extra="ignore")
