"""A scanned mandate as evidence: kept, and believed once an admin has looked at it.

A picture of a signature proves little by itself, and a wrong refusal costs a right: until it was looked at
the mandate is in force at L0, so that what rests on it is provisional and blocks (GDPR Art. 12(2), 12(6)).
"""

from types import MappingProxyType
from typing import Final

from app.domain.mandate import CheckResult, Outcome, SignedInTime, Submission

DOCUMENT_TYPE: Final = "DOCUMENT_TYPE"
DOCUMENT_REVIEW: Final = "DOCUMENT_REVIEW"
DOCUMENT_CODES: Final = (DOCUMENT_TYPE, DOCUMENT_REVIEW)

MAGIC: Final = MappingProxyType(
    {
        "application/pdf": b"%PDF-",
        "image/png": b"\x89PNG\r\n\x1a\n",
        "image/jpeg": b"\xff\xd8\xff",
    }
)
"""How a file of each accepted type begins."""


def document_checks(
    media_type: str, content: bytes | None, given: Submission, *, accepted: bool | None
) -> tuple[CheckResult, ...]:
    """Every check of a document. `content` None: it is no base64; `accepted` None: nobody has looked yet."""
    begins = content is not None and content.startswith(MAGIC[media_type])
    typed = CheckResult(
        DOCUMENT_TYPE,
        Outcome.PASSED if begins else Outcome.FAILED,
        "The file is of the stated type." if begins else "The file is not of the stated type.",
    )
    return typed, SignedInTime().judge(given), _review(accepted=accepted)


def _review(*, accepted: bool | None) -> CheckResult:
    if accepted is None:
        return CheckResult(DOCUMENT_REVIEW, Outcome.INDETERMINATE, "No admin has looked at it yet.")
    if accepted:
        return CheckResult(DOCUMENT_REVIEW, Outcome.PASSED, "An admin has seen that it is what it says.")
    return CheckResult(DOCUMENT_REVIEW, Outcome.FAILED, "An admin has seen that it is not what it says.")
