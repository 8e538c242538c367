"""Receipts: signed statements of what was received or answered, which anybody can verify with the JWKS.

They carry ids, codes, counts and digests; never an identifier.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.crypto.instruments import Instruments
from app.crypto.tokens import LOOKUP_RECEIPT, MANDATE_PROOF, OBJECTION_RECEIPT, sign


def sign_objection_receipt(instruments: Instruments, received_at: datetime, claims: Mapping[str, Any]) -> str:
    """The receipt of an objection, as a compact JWS (RFC 7515, ES256)."""
    return _signed(instruments, OBJECTION_RECEIPT, received_at, claims)


def sign_lookup_receipt(instruments: Instruments, decided_at: datetime, claims: Mapping[str, Any]) -> str:
    """The receipt of a lookup: with the kept request and answer it proves what was asked and answered."""
    return _signed(instruments, LOOKUP_RECEIPT, decided_at, claims)


def sign_mandate_proof(instruments: Instruments, stated_at: datetime, claims: Mapping[str, Any]) -> str:
    """What a controller is told of a mandate that entries in its list rest on."""
    return _signed(instruments, MANDATE_PROOF, stated_at, claims)


def _signed(instruments: Instruments, typ: str, at: datetime, claims: Mapping[str, Any]) -> str:
    stamp = {"iss": instruments.issuer, "iat": int(at.timestamp())}
    return sign(instruments.receipt_key, typ, {**stamp, **claims})


def rfc3339(at: datetime) -> str:
    """A moment in UTC, as everywhere in the contract."""
    return at.isoformat().replace("+00:00", "Z")
