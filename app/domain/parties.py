"""Parties and their roles: who may do what, and for which controllers (GDPR Art. 28, 29, 32)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.facts import ControllerProfile
from app.domain.refusals import Refusal, RefusedError

ALL_CONTROLLERS = 0
"""The reserved number of "all controllers": one family of entries that every lookup consults."""


class PartyKind(StrEnum):
    """The kinds of party."""

    CONTROLLER = "controller"
    AGENT = "agent"
    PROCESSOR = "processor"
    SOURCE = "source"
    REGISTRY = "registry"


class AgentState(StrEnum):
    """Whether anything new is taken in from an agent; a suspended one may still read."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Role(StrEnum):
    """What a credential allows; the table stands in docs/guides."""

    SENDER = "sender"
    CUSTOMER_SERVICE = "customer_service"
    AGENT = "agent"
    SOURCE = "source"
    ADMIN = "admin"
    AUDITOR = "auditor"


OVERSIGHT = frozenset({Role.ADMIN, Role.AUDITOR})
"""The roles of those who look after the registry: its own people, or whom an admin appoints from a party."""

ROLES_OF_KIND = {
    PartyKind.CONTROLLER: OVERSIGHT | {Role.SENDER, Role.CUSTOMER_SERVICE},
    PartyKind.PROCESSOR: OVERSIGHT | {Role.SENDER},
    PartyKind.AGENT: OVERSIGHT | {Role.AGENT},
    PartyKind.SOURCE: OVERSIGHT | {Role.SOURCE},
    PartyKind.REGISTRY: OVERSIGHT,
}
"""Customer service speaks with the person, so it is the controller's own; a processor only asks."""


@dataclass(frozen=True, slots=True)
class Controller:
    """A registered controller. `number` is that of its list: internal, and never shown."""

    id: UUID
    name: str
    org_no: str
    country: str
    created_at: datetime
    event_id: UUID
    number: int
    profile: ControllerProfile


@dataclass(frozen=True, slots=True)
class Client:
    """Who proved at the token endpoint to hold a live credential."""

    credential_id: UUID
    party_id: UUID
    role: Role


def credential_of(client_id: str) -> UUID | None:
    """The credential that a client id names. One spelling only: a replay must not look like somebody else."""
    try:
        credential_id = UUID(client_id)
    except ValueError:
        return None
    return credential_id if str(credential_id) == client_id else None


class ClientUnprovenError(Exception):
    """Unknown, revoked, wrong secret, bad or replayed assertion: one answer for all of them (RFC 6749
    section 5.2, invalid_client), so that nobody learns which clients exist."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the party behind the credential, and the role that it was given.

    `holder_no` is the number of the list that the party itself holds (a controller's or a source's), and
    `acts_for` maps the ids of the controllers it may ask for to their numbers. `known` is False when only
    the token vouches for it, because the register of credentials cannot be read (R03).
    """

    credential_id: UUID
    party_id: UUID
    role: Role
    holder_no: int | None
    acts_for: dict[UUID, int]
    suspended: bool = False
    known: bool = True


def organisation_key(org_no: str) -> str:
    """An organisation number as it is compared: 556000-0001 and 5560000001 are one organisation."""
    return "".join(character for character in org_no.upper() if character.isalnum())


def entitled(caller: Caller, controller_id: UUID) -> int:
    """R01: the number of a controller that this caller may ask about or write for. An unknown controller
    and a foreign one get the same answer (GDPR Art. 28, 32)."""
    number = caller.acts_for.get(controller_id)
    if number is None:
        raise RefusedError(Refusal.AUTH_CONTROLLER)
    return number
