"""Controllers and their policies."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.schemas.base import Answer, Request, Time, limited
from app.api.schemas.parties import Country, Name, OrgNo, word_of, words_schema
from app.domain.facts import LEVELS, Policy
from app.domain.parties import Controller
from app.domain.registers import REGISTERS
from app.usecases.change_policy import ChangedPolicy
from app.usecases.register_controller import NewController

RegisterCode = Annotated[str, word_of(REGISTERS), words_schema(REGISTERS)]
Level = Literal["L0", "L1", "L2", "L3", "L4"]

_DEFAULT = Policy()


class PolicyRequest(Request):
    """How a controller's questions are judged (docs/rules.md); what is left out keeps its default, or in a
    change its present value."""

    basis: Literal["asserted", "recorded"] = "asserted"
    registers: Annotated[list[RegisterCode], limited(len(REGISTERS))] = Field(default=[])
    political: Literal["strict", "legacy_2022"] = "strict"
    consent_lifts_objection: bool = _DEFAULT.consent_lifts_objection
    minimum_level: Level = "L1"
    customer_base: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent, as the domain's Policy has them."""
        sent = self.model_dump(exclude_unset=True)
        if "registers" in sent:
            sent["registers"] = tuple(dict.fromkeys(sent["registers"]))
        if "minimum_level" in sent:
            sent["minimum_level"] = LEVELS.index(sent["minimum_level"])
        return sent


class ControllerRequest(Request):
    """A controller: the organisation that sends."""

    name: Name
    org_no: OrgNo
    country: Country
    sector: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,49}$")] | None = None
    public_body: bool = False
    policy: PolicyRequest = PolicyRequest()

    def new(self) -> NewController:
        """As the use case takes it."""
        policy = Policy(**self.policy.changes())
        return NewController(self.name, self.org_no, self.country, self.sector, self.public_body, policy)


class PolicyAnswer(Answer):
    """A whole policy."""

    basis: str
    registers: list[str]
    political: str
    consent_lifts_objection: bool
    minimum_level: str
    customer_base: int | None


class ChangedPolicyAnswer(PolicyAnswer):
    """A whole policy and from when on it is reflected: a lookup may demand `as_of`."""

    controller_id: UUID
    as_of: str
    event_id: UUID

    @classmethod
    def of(cls, changed: ChangedPolicy) -> Self:
        """As the use case gives it."""
        return cls(
            **_policy(changed.policy),
            controller_id=changed.controller_id,
            as_of=changed.as_of,
            event_id=changed.event_id,
        )


class ControllerAnswer(Answer):
    """A registered controller with the policy in force."""

    id: UUID
    name: str
    org_no: str
    country: str
    sector: str | None
    public_body: bool
    policy: PolicyAnswer
    created_at: Time
    event_id: UUID

    @classmethod
    def of(cls, controller: Controller) -> Self:
        """As the use case gives it."""
        return cls(
            id=controller.id,
            name=controller.name,
            org_no=controller.org_no,
            country=controller.country,
            sector=controller.profile.sector,
            public_body=controller.profile.public_body,
            policy=PolicyAnswer(**_policy(controller.profile.policy)),
            created_at=controller.created_at,
            event_id=controller.event_id,
        )


class ControllersAnswer(Answer):
    """A page of controllers in the order of their registration."""

    items: list[ControllerAnswer]
    next_cursor: str | None


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "basis": policy.basis,
        "registers": list(policy.registers),
        "political": policy.political,
        "consent_lifts_objection": policy.consent_lifts_objection,
        "minimum_level": LEVELS[policy.minimum_level],
        "customer_base": policy.customer_base,
    }
