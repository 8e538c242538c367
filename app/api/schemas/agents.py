"""Objection agents: their keys, and whether anything new is taken in from them."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from app.api.schemas.base import Answer, Request, Text500, Time, limited
from app.api.schemas.parties import Country, Name, OrgNo
from app.domain.parties import AgentState
from app.usecases.register_agent import NewAgent, RegisteredAgent
from app.usecases.suspend_agent import ChangedAgent

KEYS_OF_AGENT = 20


class AgentRequest(Request):
    """An agent and its public keys: JWKs (RFC 7517), EC P-256, each with a kid of its own."""

    name: Name
    org_no: OrgNo
    country: Country
    keys: Annotated[list[dict[str, Any]], limited(KEYS_OF_AGENT, 1)]

    def new(self) -> NewAgent:
        """As the use case takes it."""
        return NewAgent(self.name, self.org_no, self.country, self.keys)


class AgentAnswer(Answer):
    """A registered agent; of each key only what the registry keeps."""

    id: UUID
    name: str
    org_no: str
    country: str
    state: AgentState
    keys: list[dict[str, str]]
    created_at: Time
    event_id: UUID

    @classmethod
    def of(cls, made: RegisteredAgent) -> Self:
        """As the use case gives it."""
        return cls(
            id=made.id,
            name=made.name,
            org_no=made.org_no,
            country=made.country,
            state=made.state,
            keys=list(made.keys),
            created_at=made.created_at,
            event_id=made.event_id,
        )


class RelyingPartyRequest(Request):
    """The name under which an agent orders signatures, exactly as the scheme signs it: the certificate
    subject for BankID, the audience (`aud`) of the statement for Freja and MitID."""

    scheme: Literal["bankid_se", "freja_se", "mitid_dk"]
    subject: Text500


class RelyingPartyAnswer(Answer):
    """A name of an agent in an eID scheme."""

    agent_id: UUID
    scheme: str
    subject: str
    at: Time
    event_id: UUID


class AgentStateRequest(Request):
    """Why an agent is suspended or resumed."""

    reason: Text500


class AgentStateAnswer(Answer):
    """An agent's state from a moment on."""

    id: UUID
    state: AgentState
    at: Time
    event_id: UUID

    @classmethod
    def of(cls, changed: ChangedAgent) -> Self:
        """As the use case gives it."""
        return cls(id=changed.id, state=changed.state, at=changed.at, event_id=changed.event_id)
