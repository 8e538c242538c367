"""Connections to providers, as an admin sends and sees them."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.schemas.base import Answer, Request, Time
from app.api.schemas.identifiers import Region
from app.api.schemas.parties import word_of, words_schema
from app.crypto.call_backs import ecdsa_key
from app.intake import WAYS
from app.usecases.connect_intake import KnownConnection, NewConnection

SourceCode = Annotated[str, word_of(WAYS), words_schema(WAYS)]
_Secret = Annotated[str, StringConstraints(min_length=8, max_length=500, pattern=r"^[\x20-\x7e]+$")]


class IntakeDefaults(Request):
    """What holds for messages that do not say."""

    region: Region | None = Field(None, description="The country of numbers in national form.")


class IntakeConnectionRequest(Request):
    """A provider's account. Which secrets it takes, the guide for admins says; they are never shown again."""

    controller_id: UUID
    source: SourceCode
    secrets: dict[str, _Secret]
    defaults: IntakeDefaults = IntakeDefaults()

    def complete(self) -> bool:
        """Whether the secrets are those that this provider's call-backs can be verified with."""
        key = self.secrets.get("public_key")
        named = frozenset(self.secrets) in WAYS[self.source].secrets
        return named and (key is None or ecdsa_key(key) is not None)

    def new(self) -> NewConnection:
        """As the use case takes it."""
        return NewConnection(self.controller_id, self.source, self.secrets, self.defaults.region)


class IntakeConnectionAnswer(Answer):
    """A connection, and the URL that the provider is to call. Its secrets are never shown."""

    id: UUID
    controller_id: UUID
    source: str
    region: str | None
    url: str
    created_at: Time
    revoked_at: Time | None
    event_id: UUID

    @classmethod
    def of(cls, made: KnownConnection, issuer: str) -> Self:
        """As the use case gives it."""
        return cls(
            id=made.id,
            controller_id=made.controller_id,
            source=made.source,
            region=made.region,
            url=f"{issuer}/v1/intake/{made.source}/{made.id}",
            created_at=made.created_at,
            revoked_at=made.revoked_at,
            event_id=made.event_id,
        )


class IntakeConnectionsAnswer(Answer):
    """Connections in the order in which they were made."""

    items: list[IntakeConnectionAnswer]
    next_cursor: str | None
