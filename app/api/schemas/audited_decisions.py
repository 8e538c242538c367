"""What would have been answered, as auditors ask it and are told."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.schemas.base import POSITION_CHARACTERS, Answer, Time
from app.api.schemas.lookups import AskedOf, AskedRegisterAnswer, Item
from app.domain.audited_decision import Said
from app.domain.decision import Decision
from app.domain.facts import LEVELS, Policy
from app.usecases.audit_decision import AuditedDecision, DecisionQuery

Position = Annotated[str, StringConstraints(max_length=POSITION_CHARACTERS)]


class DecisionRequest(AskedOf):
    """One question of a lookup, about one recipient, with the moment that it is asked for and the moment by
    which something was known. `as_of` of a lookup's answer says it exactly, of the controller's list and that
    of all controllers."""

    identifier: Annotated[Item, Field(description="One item of a lookup.")]
    at: Time
    known_at: Time | None = Field(None, description="By default `at`, or now if that lies ahead.")
    as_of: Position | None = None


class PossibleAnswer(Answer):
    """One answer that it may have been; both are null where there was none."""

    decision: Literal["allow", "block"] | None
    code: str | None

    @staticmethod
    def of(one: Decision | None) -> "PossibleAnswer":
        """One of several."""
        return PossibleAnswer(decision=one.answer.value if one else None, code=one.code if one else None)


class DecidedPolicyAnswer(Answer):
    """The controller's policy that was in force."""

    basis: str
    registers: list[str]
    political: str
    consent_lifts_objection: bool
    minimum_level: str

    @staticmethod
    def of(policy: Policy) -> "DecidedPolicyAnswer":
        """In the contract's words."""
        return DecidedPolicyAnswer(
            basis=policy.basis,
            registers=list(policy.registers),
            political=policy.political,
            consent_lifts_objection=policy.consent_lifts_objection,
            minimum_level=LEVELS[policy.minimum_level],
        )


class DecisionAnswer(Answer):
    """What would have been answered. `decision` is `unknown` where it may have been "allow" and may have been
    something else; `certain` says whether there is one possible answer, `possible` lists all, and `doubts`
    why there are several. Code, reasons and what follows them are those that the rows tell; null if it is
    `unknown`."""

    at: Time
    known_at: Time
    as_of: str | None
    controller_id: UUID
    decision: Literal["allow", "block", "unknown"]
    certain: bool
    code: str | None
    reasons: list[str]
    obligations: list[str]
    since: Time | None
    entry_id: UUID | None
    valid_until: Time | None
    policy: DecidedPolicyAnswer | None
    registers: list[AskedRegisterAnswer]
    possible: list[PossibleAnswer]
    doubts: list[str]
    event_id: UUID

    @staticmethod
    def of(query: DecisionQuery, audited: AuditedDecision) -> "DecisionAnswer":
        """The answer to one question."""
        concluded = audited.conclusion
        shown = None if concluded.said is Said.UNKNOWN else concluded.shown
        entry = shown.entry if shown else None
        told: dict[str, Any] = {
            "code": shown.code if shown else None,
            "reasons": list(shown.reasons) if shown else [],
            "obligations": list(shown.obligations) if shown else [],
            "since": entry.since if entry else None,
            "entry_id": entry.entry_id if entry else None,
            "valid_until": shown.valid_until if shown else None,
        }
        return DecisionAnswer(
            at=query.at,
            known_at=query.known_at,
            as_of=str(query.as_of) if query.as_of else None,
            controller_id=query.controller_id,
            decision=concluded.said.value,
            certain=concluded.certain,
            policy=DecidedPolicyAnswer.of(audited.policy) if audited.policy else None,
            registers=[AskedRegisterAnswer(**one.told()) for one in audited.registers],
            possible=[PossibleAnswer.of(one) for one in concluded.possible],
            doubts=[doubt.value for doubt in audited.doubts],
            event_id=audited.event_id,
            **told,
        )
