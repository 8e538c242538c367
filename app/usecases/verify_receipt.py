"""Verifying receipts: the same check online and offline, from public keys alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.crypto.compact_jws import json_object, parse
from app.crypto.tokens import BadToken, Reason, VerificationKeys, verify_receipt
from app.usecases.open_row import BadRow, check_row

Code = Literal["VALID", "STALE", "BAD_SIGNATURE", "UNKNOWN_KEY", "BAD_ROW"]


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """What a receipt is worth; `claims` only when its signature holds."""

    code: Code
    claims: dict[str, Any] | None


def verify_receipt_text(
    receipt: str, keys: VerificationKeys, at: datetime, row: Mapping[str, Any] | None = None
) -> ReceiptVerdict:
    """VALID, or STALE when what it states had expired at that moment. A receipt of an objection never
    expires: it states what was received. With an opened `row` also whether it is in the receipt's tree."""
    try:
        claims = verify_receipt(receipt.strip(), keys)
    except BadToken as bad:
        return ReceiptVerdict("UNKNOWN_KEY" if bad.reason is Reason.UNKNOWN_KEY else "BAD_SIGNATURE", None)
    try:
        if row is not None:
            check_row(row, claims)
    except BadRow:
        return ReceiptVerdict("BAD_ROW", claims)
    until = claims.get("valid_until")
    stale = isinstance(until, str) and datetime.fromisoformat(until) <= at
    return ReceiptVerdict("STALE" if stale else "VALID", claims)


def stated_claims(receipt: str) -> dict[str, Any]:
    """What a receipt says, whether or not it was signed by anybody; {} when it cannot be read."""
    try:
        return json_object(parse(receipt.strip()).payload)
    except BadToken:
        return {}
