"""Credentials: issuing and revoking."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.acts import ActsDep, spoken
from app.api.bodies import body_of
from app.api.callers import AdminCaller
from app.api.schemas.credentials import CredentialAnswer, CredentialRequest, RevokedCredentialAnswer
from app.api.state import deployment_of
from app.usecases import issue_credential as issuing
from app.usecases import revoke_credential as revoking

router = APIRouter(tags=["parties"])


@router.post("/v1/credentials", status_code=201, response_model=CredentialAnswer)
async def issue_credential(
    caller: AdminCaller,
    body: Annotated[CredentialRequest, body_of(CredentialRequest)],
    acts: ActsDep,
    request: Request,
) -> Response:
    """Give a party a credential for one role. The secret is shown in this answer only."""
    # With an Idempotency-Key the answer is kept for its repeat, and the secret in it, but sealed in the vault
    # under the master key, which lies outside the database like the key of the digest.
    credential_key = deployment_of(request).ring.credential_key
    return await acts.run(
        caller,
        issuing.ISSUED,
        lambda unit, act: issuing.issue_credential(unit, act, credential_key, body.party_id, body.role),
        lambda issued: spoken(201, CredentialAnswer.of(issued)),
    )


@router.post("/v1/credentials/{client_id}/revoke", response_model=RevokedCredentialAnswer)
async def revoke_credential(caller: AdminCaller, client_id: UUID, acts: ActsDep) -> Response:
    """Revoke a credential: its secret and the tokens that it already got stop working at once."""
    return await acts.run(
        caller,
        revoking.REVOKED,
        lambda unit, act: revoking.revoke_credential(unit, act, client_id),
        lambda revoked: spoken(200, RevokedCredentialAnswer.of(revoked)),
    )
