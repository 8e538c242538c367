"""The checks of a BankID signature under a mandate: one class each, with a permanent code.

A signature that verifies proves who signed. That it was this mandate, for this agent, and a declaration of
will and not a login, is proven by what was signed along. So a mandate is trusted only when all of these pass
(GDPR Art. 12(6); regulation (EU) 910/2014 Art. 26 on what an advanced electronic signature is bound to).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from app.domain.mandate import CLOCK_SKEW, CheckResult, tried

LONGEST_UNUSED: Final = timedelta(days=90)
"""How long after signing a mandate may come in (a default of ours)."""

SIGNED_AT_LEEWAY: Final = timedelta(minutes=15)
"""How far the stated time of signing may be from the proven one: a person takes a while."""

SIGNING: Final = "Signing"


@dataclass(frozen=True, slots=True)
class BankIdSubmission:
    """What the checks look at. None: it could not be tried, because something before it failed."""

    received_at: datetime
    signed_at: datetime
    readable: bool
    digests: bool | None = None
    signature: bool | None = None
    chain: bool | None = None
    key_usage: bool | None = None
    policy: bool | None = None
    responder: bool | None = None
    good: bool | None = None
    bound: bool | None = None
    proven_at: datetime | None = None
    act: str | None = None
    ordered_by_agent: bool | None = None
    signed_by_grantor: bool | None = None
    user_is_signer: bool | None = None
    text_is_template: bool | None = None
    claims_bound: bool | None = None
    unused: bool | None = None


class BankIdCheck(Protocol):
    """One frozen class per check."""

    @property
    def code(self) -> str: ...

    def judge(self, given: BankIdSubmission) -> CheckResult: ...


def as_stated(proven: datetime | None, stated: datetime) -> bool | None:
    """Whether it was signed when the mandate says; None when nothing proves the time."""
    return None if proven is None else abs(proven - stated) <= SIGNED_AT_LEEWAY


def lately(proven: datetime | None, received: datetime) -> bool | None:
    """Whether it was signed before it came in, and not so long before that the person may have forgotten."""
    return None if proven is None else -CLOCK_SKEW <= received - proven <= LONGEST_UNUSED


@dataclass(frozen=True, slots=True)
class Readable:
    """It is a BankID signature document, in the one form there is."""

    code: str = "BANKID_DOCUMENT"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        return tried(self.code, given.readable, "A signature document.", "No signature document of BankID.")


@dataclass(frozen=True, slots=True)
class Digests:
    """Text and certificates are those whose digests were signed (XML-DSig, RFC 3275 section 3.2.1)."""

    code: str = "BANKID_DIGESTS"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "The text or the certificates are not what was signed."
        return tried(self.code, given.digests, "Text and certificates are what was signed.", failed)


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature verifies with the person's certificate (RFC 8017 section 8.2)."""

    code: str = "BANKID_SIGNATURE"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        return tried(self.code, given.signature, "The signature verifies.", "The signature does not verify.")


@dataclass(frozen=True, slots=True)
class Chain:
    """The certificate leads to a root that this deployment has pinned (RFC 5280 section 6)."""

    code: str = "BANKID_CHAIN"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "The certificate does not lead to a pinned root, or was not valid then."
        return tried(self.code, given.chain, "The certificate leads to a pinned root.", failed)


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """The certificate is for declarations of will, and for nothing else (RFC 5280 section 4.2.1.3)."""

    code: str = "BANKID_KEY_USAGE"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "The certificate is not one for declarations of will alone."
        return tried(self.code, given.key_usage, "A certificate for declarations of will.", failed)


@dataclass(frozen=True, slots=True)
class Policy:
    """It was issued under a policy of BankID, of the environment that this deployment says it is."""

    code: str = "BANKID_POLICY"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "No policy of BankID in this environment."
        return tried(self.code, given.policy, "A policy of BankID.", failed)


@dataclass(frozen=True, slots=True)
class Responder:
    """The OCSP answer is signed by the certificate's issuer, or by whom it lets answer (RFC 6960 section
    4.2.2.2)."""

    code: str = "BANKID_OCSP_SIGNER"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "The OCSP answer is not signed for the certificate's issuer."
        return tried(self.code, given.responder, "The OCSP answer is signed for the issuer.", failed)


@dataclass(frozen=True, slots=True)
class Good:
    """The certificate was not revoked (RFC 6960 section 2.2)."""

    code: str = "BANKID_OCSP_STATUS"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "The certificate was revoked or unknown, or the answer is about another one."
        return tried(self.code, given.good, "The certificate was good.", failed)


@dataclass(frozen=True, slots=True)
class Bound:
    """The OCSP answer was made for this very signature: its time is the proven time of signing."""

    code: str = "BANKID_OCSP_NONCE"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "The OCSP answer was made for another signature."
        return tried(self.code, given.bound, "The OCSP answer was made for this signature.", failed)


@dataclass(frozen=True, slots=True)
class ProvenTime:
    """Signed when the mandate says it was."""

    code: str = "BANKID_TIME"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        near = as_stated(given.proven_at, given.signed_at)
        return tried(self.code, near, "Signed at the stated time.", "Signed at another time than stated.")


@dataclass(frozen=True, slots=True)
class Age:
    """Signed before it came in, and not so long before that the person may have forgotten."""

    code: str = "BANKID_AGE"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        recent = lately(given.proven_at, given.received_at)
        failed = "Signed in the future, or over 90 days ago."
        return tried(self.code, recent, "Signed within 90 days.", failed)


@dataclass(frozen=True, slots=True)
class Act:
    """It was signed, and was no login."""

    code: str = "BANKID_ACT"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        signing = None if given.act is None else given.act == SIGNING
        return tried(self.code, signing, "An act of signing.", "No act of signing, for instance a login.")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Ordered by the agent that uses it: what another one had signed is not its to use."""

    code: str = "BANKID_RELYING_PARTY"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "The signature was ordered by somebody that is not registered for this agent."
        return tried(self.code, given.ordered_by_agent, "Ordered by this agent.", failed)


@dataclass(frozen=True, slots=True)
class Signer:
    """The grantor signed, and nobody else."""

    code: str = "BANKID_SIGNER"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        return tried(self.code, given.signed_by_grantor, "The grantor signed.", "Somebody else signed.")


@dataclass(frozen=True, slots=True)
class User:
    """The answer names the person of the certificate."""

    code: str = "BANKID_USER"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "The answer names another person than the certificate."
        return tried(
            self.code, given.user_is_signer, "The answer names the person of the certificate.", failed
        )


@dataclass(frozen=True, slots=True)
class VisibleText:
    """What the person read is the registered text, filled in with these claims."""

    code: str = "BANKID_TEXT"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "The person was shown another text than the registered one with these claims."
        return tried(self.code, given.text_is_template, "The registered text was shown.", failed)


@dataclass(frozen=True, slots=True)
class Claims:
    """The digest of these very claims was signed along."""

    code: str = "BANKID_CLAIMS"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "The signed digest is not that of these claims."
        return tried(self.code, given.claims_bound, "The signed digest is that of these claims.", failed)


@dataclass(frozen=True, slots=True)
class Unused:
    """No other mandate rests on this signature."""

    code: str = "BANKID_UNUSED"

    def judge(self, given: BankIdSubmission) -> CheckResult:
        failed = "Another mandate rests on this signature."
        return tried(self.code, given.unused, "No other mandate rests on this signature.", failed)


BANKID_CHECKS: tuple[BankIdCheck, ...] = (
    Readable(),
    Digests(),
    Signature(),
    Chain(),
    KeyUsage(),
    Policy(),
    Responder(),
    Good(),
    Bound(),
    ProvenTime(),
    Age(),
    Act(),
    RelyingParty(),
    Signer(),
    User(),
    VisibleText(),
    Claims(),
    Unused(),
)


def run_bankid_checks(given: BankIdSubmission) -> tuple[CheckResult, ...]:
    """Every check with its own outcome, in a fixed order."""
    return tuple(check.judge(given) for check in BANKID_CHECKS)
