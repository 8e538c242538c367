"""The checks of a signed statement that a person signed a mandate with an eID (Freja, MitID): one class each,
with a permanent code.

The issuer says who signed and what. That it was this mandate, for this agent, is proven by what was signed
along; so a mandate is trusted only when all of these pass (GDPR Art. 12(6); regulation (EU) 910/2014 Art.
26).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.bankid_checks import as_stated, lately
from app.domain.mandate import CheckResult, tried


@dataclass(frozen=True, slots=True)
class EidSubmission:
    """What the checks look at. None: it could not be tried, because something before it failed, or because
    the statement does not say it."""

    received_at: datetime
    signed_at: datetime
    readable: bool
    issuer: bool | None = None
    key: bool | None = None
    algorithm: bool | None = None
    signature: bool | None = None
    for_agent: bool | None = None
    issued_at: datetime | None = None
    signed_by_grantor: bool | None = None
    text_is_template: bool | None = None
    claims_bound: bool | None = None
    unused: bool | None = None


class EidCheck(Protocol):
    """One frozen class per check."""

    @property
    def code(self) -> str: ...

    def judge(self, given: EidSubmission) -> CheckResult: ...


@dataclass(frozen=True, slots=True)
class Readable:
    """It is a compact JWS whose header asks for nothing unheard of (RFC 7515 sections 4 and 7.1)."""

    code: str = "EID_STATEMENT"

    def judge(self, given: EidSubmission) -> CheckResult:
        return tried(self.code, given.readable, "A signed statement.", "No signed statement in strict form.")


@dataclass(frozen=True, slots=True)
class PinnedIssuer:
    """The deployment believes the issuer about this scheme (RFC 7519 section 4.1.1)."""

    code: str = "EID_ISSUER"

    def judge(self, given: EidSubmission) -> CheckResult:
        failed = "The issuer is not pinned for this eID."
        return tried(self.code, given.issuer, "The issuer is pinned for this eID.", failed)


@dataclass(frozen=True, slots=True)
class Key:
    """The key is one of that issuer's pinned ones."""

    code: str = "EID_KEY"

    def judge(self, given: EidSubmission) -> CheckResult:
        return tried(
            self.code, given.key, "The key is one of the issuer's.", "The key is none of the issuer's."
        )


@dataclass(frozen=True, slots=True)
class Algorithm:
    """The algorithm is the one that the key was pinned with (RFC 8725 section 3.1)."""

    code: str = "EID_ALGORITHM"

    def judge(self, given: EidSubmission) -> CheckResult:
        failed = "The algorithm is not the key's."
        return tried(self.code, given.algorithm, "The algorithm is the key's.", failed)


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature verifies."""

    code: str = "EID_SIGNATURE"

    def judge(self, given: EidSubmission) -> CheckResult:
        return tried(self.code, given.signature, "The signature verifies.", "The signature does not verify.")


@dataclass(frozen=True, slots=True)
class Audience:
    """It was made for this agent, and for nobody else (RFC 7519 section 4.1.3)."""

    code: str = "EID_AUDIENCE"

    def judge(self, given: EidSubmission) -> CheckResult:
        failed = "The statement was made for another party."
        return tried(self.code, given.for_agent, "The statement was made for this agent.", failed)


@dataclass(frozen=True, slots=True)
class IssuedTime:
    """Issued when the mandate says it was signed."""

    code: str = "EID_TIME"

    def judge(self, given: EidSubmission) -> CheckResult:
        near = as_stated(given.issued_at, given.signed_at)
        return tried(self.code, near, "Signed at the stated time.", "Signed at another time than stated.")


@dataclass(frozen=True, slots=True)
class Age:
    """Issued before it came in, and not so long before that the person may have forgotten."""

    code: str = "EID_AGE"

    def judge(self, given: EidSubmission) -> CheckResult:
        recent = lately(given.issued_at, given.received_at)
        failed = "Signed in the future, or over 90 days ago."
        return tried(self.code, recent, "Signed within 90 days.", failed)


@dataclass(frozen=True, slots=True)
class Signer:
    """The grantor signed, and nobody else."""

    code: str = "EID_SIGNER"

    def judge(self, given: EidSubmission) -> CheckResult:
        return tried(self.code, given.signed_by_grantor, "The grantor signed.", "Somebody else signed.")


@dataclass(frozen=True, slots=True)
class VisibleText:
    """What the person read is the registered text, filled in with these claims."""

    code: str = "EID_TEXT"

    def judge(self, given: EidSubmission) -> CheckResult:
        failed = "The person was shown another text than the registered one with these claims."
        return tried(self.code, given.text_is_template, "The registered text was shown.", failed)


@dataclass(frozen=True, slots=True)
class Claims:
    """The digest of these very claims was signed along: an act, and no login."""

    code: str = "EID_CLAIMS"

    def judge(self, given: EidSubmission) -> CheckResult:
        failed = "The signed digest is not that of these claims, or none was signed."
        return tried(self.code, given.claims_bound, "The signed digest is that of these claims.", failed)


@dataclass(frozen=True, slots=True)
class Unused:
    """No other mandate rests on this statement."""

    code: str = "EID_UNUSED"

    def judge(self, given: EidSubmission) -> CheckResult:
        failed = "Another mandate rests on this statement."
        return tried(self.code, given.unused, "No other mandate rests on this statement.", failed)


EID_CHECKS: tuple[EidCheck, ...] = (
    Readable(),
    PinnedIssuer(),
    Key(),
    Algorithm(),
    Signature(),
    Audience(),
    IssuedTime(),
    Age(),
    Signer(),
    VisibleText(),
    Claims(),
    Unused(),
)


def run_eid_checks(given: EidSubmission) -> tuple[CheckResult, ...]:
    """Every check with its own outcome, in a fixed order."""
    return tuple(check.judge(given) for check in EID_CHECKS)
