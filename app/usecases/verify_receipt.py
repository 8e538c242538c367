"""Verifying receipts: the same check online and offline, from public keys alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.crypto.tokens import BadToken, Reason, VerificationKeys, verify_receipt

Code = Literal["VALID", "STALE", "BAD_SIGNATURE", "UNKNOWN_KEY"]


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """What a receipt is worth; `claims` only when its signature holds."""

    code: Code
    claims: dict[str, Any] | None


def verify_receipt_text(receipt: str, keys: VerificationKeys, at: datetime) -> ReceiptVerdict:
    """VALID, or STALE when what it states had expired at that moment. A receipt of an objection never
    expires: it states what was received."""
    try:
        claims = verify_receipt(receipt.strip(), keys)
    except BadToken as bad:
        return ReceiptVerdict("UNKNOWN_KEY" if bad.reason is Reason.UNKNOWN_KEY else "BAD_SIGNATURE", None)
    until = claims.get("valid_until")
    stale = isinstance(until, str) and datetime.fromisoformat(until) <= at
    return ReceiptVerdict("STALE" if stale else "VALID", claims)
