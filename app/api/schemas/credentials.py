"""Credentials: a client id and a secret that is shown once."""

from typing import Literal, Self
from uuid import UUID

from app.api.schemas.base import Answer, Request, Time
from app.domain.parties import Role
from app.usecases.issue_credential import IssuedCredential
from app.usecases.revoke_credential import RevokedCredential


class CredentialRequest(Request):
    """Whose credential, and what it allows. Without a party only for an admin or auditor, who are the
    registry's own."""

    party_id: UUID | None = None
    role: Role


class CredentialAnswer(Answer):
    """The secret stands here and never again: the registry keeps a keyed digest of it."""

    client_id: UUID
    client_secret: str
    party_id: UUID
    role: Role
    event_id: UUID

    @classmethod
    def of(cls, issued: IssuedCredential) -> Self:
        """As the use case gives it."""
        return cls(
            client_id=issued.client_id,
            client_secret=issued.client_secret,
            party_id=issued.party_id,
            role=issued.role,
            event_id=issued.event_id,
        )


class RevokedCredentialAnswer(Answer):
    """The credential opens nothing any more, nor do its tokens."""

    client_id: UUID
    state: Literal["revoked"]
    revoked_at: Time
    event_id: UUID

    @classmethod
    def of(cls, revoked: RevokedCredential) -> Self:
        """As the use case gives it."""
        return cls(
            client_id=revoked.client_id,
            state="revoked",
            revoked_at=revoked.revoked_at,
            event_id=revoked.event_id,
        )
