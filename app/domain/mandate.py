"""A mandate: signed authority of a grantor for one agent, and the checks that say how far to trust it.

`submitted -> verifying -> active | needs_review | rejected`, then `revoked | expired | superseded | closed |
void`; while somebody says that it is forged, `contested`. Expiry follows from the clock, everything else from
events. The end of a mandate never ends an objection that was received before it: that was a completed act.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.domain.parties import Role
from app.domain.refusals import Refusal, RefusedError
from app.domain.rights import RIGHTS

LONGEST = timedelta(days=731)
"""24 months at the most (a default of ours), so that authority does not outlive the will."""

CLOCK_SKEW = timedelta(seconds=60)


class MandateState(StrEnum):
    """The states that this registry knows; permanent."""

    ACTIVE = "active"
    NEEDS_REVIEW = "needs_review"
    CONTESTED = "contested"
    REJECTED = "rejected"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    CLOSED = "closed"
    VOID = "void"


class RevokedBy(StrEnum):
    """Whose will ended a mandate; permanent."""

    GRANTOR = "grantor"
    AGENT = "agent"
    REGISTRY = "registry"


class Outcome(StrEnum):
    """What a check found. Indeterminate is not passed: it only does not prove the contrary."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's finding; `detail` is fixed text of ours."""

    code: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What the checks look at. The cryptography was done before: None means that there was nothing to try."""

    evidence_kind: str
    signed_at: datetime
    valid_from: datetime
    valid_to: datetime
    received_at: datetime
    key_registered: bool | None = None
    signature_verified: bool | None = None
    digest_matches: bool | None = None


class Check(Protocol):
    """One frozen class per check, with a permanent code."""

    @property
    def code(self) -> str: ...

    def judge(self, given: Submission) -> CheckResult: ...


def tried(code: str, found: bool | None, passed: str, failed: str) -> CheckResult:  # noqa: FBT001 - a finding
    """What a check says; `found` None: something before it failed, or the evidence does not say it."""
    if found is None:
        return CheckResult(code, Outcome.INDETERMINATE, "The evidence gives nothing to check.")
    return CheckResult(code, Outcome.PASSED if found else Outcome.FAILED, passed if found else failed)


@dataclass(frozen=True, slots=True)
class EvidenceKey:
    """The key that signed is one that this very agent has registered."""

    code: str = "EVIDENCE_KEY"

    def judge(self, given: Submission) -> CheckResult:
        return tried(
            self.code,
            found=given.key_registered,
            passed="The signing key is registered for this agent.",
            failed="The signing key is not registered for this agent.",
        )


@dataclass(frozen=True, slots=True)
class EvidenceSignature:
    """The signature verifies (RFC 7515, ES256)."""

    code: str = "EVIDENCE_SIGNATURE"

    def judge(self, given: Submission) -> CheckResult:
        return tried(
            self.code,
            found=given.signature_verified,
            passed="The signature verifies.",
            failed="The signature does not verify.",
        )


@dataclass(frozen=True, slots=True)
class ClaimsBound:
    """What was signed is this mandate: the payload has the digest of its canonical claims (RFC 8785)."""

    code: str = "CLAIMS_DIGEST"

    def judge(self, given: Submission) -> CheckResult:
        return tried(
            self.code,
            found=given.digest_matches,
            passed="The signed digest is that of these claims.",
            failed="The signed digest is not that of these claims.",
        )


@dataclass(frozen=True, slots=True)
class SignedInTime:
    """Nobody signs in the future, or after the end of what is signed."""

    code: str = "SIGNED_AT"

    def judge(self, given: Submission) -> CheckResult:
        in_time = given.signed_at <= given.received_at + CLOCK_SKEW and given.signed_at < given.valid_to
        return tried(
            self.code,
            found=in_time,
            passed="Signed before it was received and before it ends.",
            failed="Signed in the future, or after its own end.",
        )


CHECKS: tuple[Check, ...] = (EvidenceKey(), EvidenceSignature(), ClaimsBound(), SignedInTime())

AGENT_JWS = "agent_jws"
EXTERNAL_REF = "external_ref"
BANKID_SE = "bankid_se"

FREJA_SE = "freja_se"
MITID_DK = "mitid_dk"
STATEMENT_SCHEMES = frozenset({FREJA_SE, MITID_DK})
"""Kinds of evidence in which an issuer says, signed, who signed what with an eID."""
DOCUMENT = "document"

EVIDENCE_KINDS = (AGENT_JWS, EXTERNAL_REF, BANKID_SE, FREJA_SE, MITID_DK, DOCUMENT)
"""The kinds of evidence that this version verifies; others are refused, not kept unverified."""


def run_checks(given: Submission) -> tuple[CheckResult, ...]:
    """Every check with its own outcome, in a fixed order."""
    return tuple(check.judge(given) for check in CHECKS)


def verified_state(results: Iterable[CheckResult]) -> MandateState:
    """One failed check rejects. What could not be checked lowers the level, and does not reject."""
    failed = any(result.outcome is Outcome.FAILED for result in results)
    return MandateState.REJECTED if failed else MandateState.ACTIVE


def level_of(kind: str, results: Iterable[CheckResult]) -> int:
    """L0: the agent says so. L1: the agent's registered key signed these claims. L2: an admin has seen the
    signed document. L3: the person signed with an eID, and every check passed; L2 while nothing failed but
    not everything could be tried."""
    outcomes = {result.outcome for result in results}
    if Outcome.FAILED in outcomes:
        return 0
    tried = Outcome.INDETERMINATE not in outcomes
    if kind == BANKID_SE or kind in STATEMENT_SCHEMES:
        return 3 if tried else 2
    return {AGENT_JWS: 1, DOCUMENT: 2}.get(kind, 0) if tried else 0


def judge_evidence_kind(kind: str) -> None:
    """What cannot be verified is not taken in as if it could be."""
    if kind not in EVIDENCE_KINDS:
        raise RefusedError(Refusal.EVIDENCE_KIND_UNSUPPORTED)


def judge_rights(rights: Iterable[str]) -> None:
    """A mandate gives rights of the closed list and no other, whatever the paper says (GDPR Art. 15-17, 20
    stay with the person)."""
    if not frozenset(rights) <= frozenset(RIGHTS):
        raise RefusedError(Refusal.MANDATE_SCOPE, "A mandate to this registry cannot give these rights.")


def judge_validity(valid_from: datetime, valid_to: datetime) -> None:
    """Expiry is mandatory, after the beginning, and at most 24 months away from it."""
    if valid_to <= valid_from or valid_to - valid_from > LONGEST:
        raise RefusedError(Refusal.INVALID_TIME, "A mandate ends after it begins, and within 24 months.")


@dataclass(frozen=True, slots=True)
class Mandate:
    """A mandate as an act under it needs to know it. `controllers` None means all; `state` is the newest
    event's; `signature_failed` tells a forged one from one rejected otherwise."""

    id: UUID
    agent_id: UUID
    subject: UUID
    rights: frozenset[str]
    controllers: frozenset[int] | None
    channels: int
    valid_from: datetime
    valid_to: datetime
    level: int
    state: MandateState
    signature_failed: bool
    grantor: frozenset[UUID]
    proven: frozenset[UUID]

    def state_at(self, now: datetime) -> MandateState:
        """Expiry by the clock; a state that ended it earlier stays."""
        expired = self.state is MandateState.ACTIVE and now >= self.valid_to
        return MandateState.EXPIRED if expired else self.state


_ENDED = {
    MandateState.EXPIRED: Refusal.MANDATE_EXPIRED,
    MandateState.REVOKED: Refusal.MANDATE_REVOKED,
    MandateState.NEEDS_REVIEW: Refusal.MANDATE_NOT_VERIFIED,
}


def admit_act(mandate: Mandate | None, agent_id: UUID, now: datetime, *, suspended: bool) -> Mandate:
    """Whether a new act may be received under this mandate now. A foreign one is answered like none at all.

    GDPR Art. 12(6) asks for proof of who acts; the codes are those of docs/rules.md, and permanent.
    """
    if suspended:
        raise RefusedError(Refusal.AGENT_SUSPENDED)
    if mandate is None or mandate.agent_id != agent_id:
        raise RefusedError(Refusal.MANDATE_NOT_FOUND)
    state = mandate.state_at(now)
    if state is MandateState.REJECTED:
        raise RefusedError(
            Refusal.SIGNATURE_INVALID if mandate.signature_failed else Refusal.MANDATE_NOT_VERIFIED
        )
    if state is not MandateState.ACTIVE:
        raise RefusedError(_ENDED.get(state, Refusal.MANDATE_CLOSED))
    if now < mandate.valid_from - CLOCK_SKEW:
        raise RefusedError(Refusal.MANDATE_SCOPE, "The mandate is not in force yet.")
    return mandate


_REVOCABLE = frozenset({MandateState.ACTIVE, MandateState.NEEDS_REVIEW})


def admit_revocation(mandate: Mandate, now: datetime, by: RevokedBy, role: Role) -> None:
    """Whether a mandate can be revoked now: only what has not ended can. An agent speaks for its grantor and
    for itself, and never for the registry. Objections received before stay in force."""
    if by is RevokedBy.REGISTRY and role is not Role.ADMIN:
        raise RefusedError(Refusal.ROLE_DENIED, "Only an admin revokes in the name of the registry.")
    admit_end(mandate, now)


def admit_end(mandate: Mandate, now: datetime) -> None:
    """What has ended does not end again; what is contested is settled first."""
    if mandate.state_at(now) not in _REVOCABLE:
        raise RefusedError(Refusal.STATE_CONFLICT, "The mandate has ended already, or is contested.")
