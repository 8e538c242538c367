"""Every token and signed statement goes through here: the one place that uses python-jose.

By itself python-jose 3.5 accepts a token without exp or aud, any typ, an unknown crit and members that stand
twice, and lets OverflowError, RecursionError and TypeError out. So `compact_jws` reads the token first,
python-jose checks the ES256 signature with one key chosen by kid from our own store, and the claims are
checked here against the time that the caller states. Refusals are BadToken with a Reason, nothing else.

ES256 (RFC 7518 section 3.4) gives every signature (r, s) a valid twin (r, n - s). A replay is therefore
recognised by jti, never by the token's text.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from jose import jwk as jose_jwk
from jose import jws as jose_jws
from jose.backends.base import Key
from jose.exceptions import JOSEError

from app.crypto import base64url
from app.crypto.compact_jws import MAX_TOKEN_BYTES, BadToken, Reason, check_members, json_object, parse
from app.crypto.keys import SigningKey
from app.crypto.public_keys import BadKey, checked_jwk

__all__ = [
    "ACCESS_TOKEN_SECONDS",
    "LEEWAY_SECONDS",
    "LOOKUP_RECEIPT",
    "MANDATE_PROOF",
    "OBJECTION_RECEIPT",
    "AccessClaims",
    "AssertionClaims",
    "BadKey",
    "BadToken",
    "Reason",
    "VerificationKeys",
    "assert_backend",
    "issue_access_token",
    "key_id",
    "sign",
    "unverified_client_id",
    "verify_access_token",
    "verify_client_assertion",
    "verify_detached_claims",
    "verify_receipt",
]

ACCESS_TOKEN_SECONDS: Final = 600
LEEWAY_SECONDS: Final = 30
ACCESS_TOKEN: Final = "at+jwt"  # noqa: S105 - a media type (RFC 9068), not a secret
OBJECTION_RECEIPT: Final = "objection-receipt+jws"
LOOKUP_RECEIPT: Final = "lookup-receipt+jws"
MANDATE_PROOF: Final = "mandate-proof+jws"
_ASSERTION_TYPES: Final = frozenset({None, "JWT", "client-authentication+jwt"})
_EVIDENCE_TYPES: Final = frozenset({None, "JWT", "JOSE", "objection-mandate+jws"})
_RECEIPT_TYPES: Final = frozenset({OBJECTION_RECEIPT, LOOKUP_RECEIPT, MANDATE_PROOF})
_MAX_LIFETIME: Final = 600
_MAX_JTI: Final = 256
_ALGORITHM: Final = "ES256"


def assert_backend() -> None:
    """Stop the start unless ES256 is computed by `cryptography`: the `ecdsa` package, python-jose's silent
    substitute, leaks the private key through timing and will not be mended (CVE-2024-23342)."""
    backend = jose_jwk.get_key(_ALGORITHM)
    if backend is None or backend.__module__ != "jose.backends.cryptography_backend":
        raise RuntimeError("python-jose does not use cryptography for ES256")


assert_backend()


class VerificationKeys:
    """The public keys one token kind is checked with, by kid. BadKey for an unusable key or a kid twice."""

    def __init__(self, jwks: Iterable[Mapping[str, Any]]) -> None:
        self._keys: dict[str, Key] = {}
        for jwk in map(checked_jwk, jwks):
            if jwk["kid"] in self._keys:
                raise BadKey("two keys have the same kid")
            self._keys[jwk["kid"]] = jose_jwk.construct(dict(jwk), _ALGORITHM)

    def get(self, kid: str) -> Key | None:
        return self._keys.get(kid)


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """`subject` is the client id."""

    subject: str
    party: str
    role: str
    scope: str
    jti: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AssertionClaims:
    """A replay cache keeps the jti until `expires_at` plus LEEWAY_SECONDS."""

    jti: str
    expires_at: datetime


def sign(key: SigningKey, typ: str, claims: Mapping[str, Any]) -> str:
    """Give a compact JWS with exactly alg, kid and typ in its header. ValueError for claims that this module
    would itself refuse to read back: a fraction, a huge integer, a lone surrogate, more than 8 KiB.
    """
    try:
        payload = json.dumps(dict(claims), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        check_members(claims, payload)
        signed = f"{_header(key.kid, typ)}.{base64url.encode(payload.encode())}"
        token = f"{signed}.{base64url.encode(_private_key(key).sign(signed.encode()))}"
    except (TypeError, ValueError, RecursionError, BadToken):
        raise ValueError("claims that no reader would accept") from None
    if len(token) > MAX_TOKEN_BYTES:
        raise ValueError("claims that no reader would accept")
    return token


@lru_cache(maxsize=64)
def _header(kid: str, typ: str) -> str:
    """The first segment, written once for all statements of a kind; a reader of ours accepts it."""
    members = {"alg": _ALGORITHM, "kid": kid, "typ": typ}
    segment = base64url.encode(json.dumps(members, separators=(",", ":"), sort_keys=True).encode())
    parse(f"{segment}.e30.{base64url.encode(bytes(64))}")
    return segment


@lru_cache(maxsize=16)
def _private_key(key: SigningKey) -> Key:
    return jose_jwk.construct(key.private_pem, _ALGORITHM)


def issue_access_token(
    key: SigningKey,
    *,
    issuer: str,
    audience: str,
    client_id: str,
    party_id: str,
    role: str,
    scope: str,
    now: datetime,
    jti: str,
) -> tuple[str, int]:
    """Give an access token in the JWT profile of RFC 9068 and its lifetime in seconds."""
    issued_at = int(_epoch(now))
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": client_id,
        "client_id": client_id,
        "party": party_id,
        "role": role,
        "scope": scope,
        "iat": issued_at,
        "exp": issued_at + ACCESS_TOKEN_SECONDS,
        "jti": jti,
    }
    return sign(key, ACCESS_TOKEN, claims), ACCESS_TOKEN_SECONDS


def verify_access_token(
    token: str, keys: VerificationKeys, *, issuer: str, audience: str, now: datetime
) -> AccessClaims:
    """RFC 9068 section 4, with every claim that `issue_access_token` writes required."""
    claims = _verified_claims(token, keys, frozenset({ACCESS_TOKEN}))
    _require(_text(claims, "iss") == issuer, Reason.ISSUER)
    _require(_text(claims, "aud") == audience, Reason.AUDIENCE)
    subject = _text(claims, "sub")
    _require(_text(claims, "client_id") == subject, Reason.SUBJECT)
    issued_at = _seconds(claims, "iat")
    expires_at = _checked_expiry(claims, issued_at, now)
    return AccessClaims(
        subject=subject,
        party=_text(claims, "party"),
        role=_text(claims, "role"),
        scope=_text(claims, "scope"),
        jti=_text(claims, "jti"),
        issued_at=datetime.fromtimestamp(issued_at, UTC),
        expires_at=expires_at,
    )


def verify_client_assertion(
    token: str, keys: VerificationKeys, *, client_id: str, audiences: Collection[str], now: datetime
) -> AssertionClaims:
    """RFC 7523 section 3: iss and sub are the client, aud names one of ours, exp and jti are there.

    Without iat the assertion may end at most ten minutes from now. The caller refuses a jti seen before.
    """
    claims = _verified_claims(token, keys, _ASSERTION_TYPES)
    _require(_text(claims, "iss") == client_id, Reason.ISSUER)
    _require(_text(claims, "sub") == client_id, Reason.SUBJECT)
    _require(not _audiences(claims).isdisjoint(audiences), Reason.AUDIENCE)
    issued_at = _seconds(claims, "iat") if "iat" in claims else None
    expires_at = _checked_expiry(claims, issued_at, now)
    jti = _text(claims, "jti")
    _require(len(jti) <= _MAX_JTI, Reason.CLAIM_TYPE)
    return AssertionClaims(jti, expires_at)


def unverified_client_id(token: str) -> str:
    """Say who an assertion claims to be from, only to find the keys that `verify_client_assertion` needs."""
    claims = json_object(parse(token).payload)
    client_id = _text(claims, "sub")
    _require(_text(claims, "iss") == client_id, Reason.ISSUER)
    return client_id


def verify_detached_claims(jws: str, keys: VerificationKeys) -> dict[str, Any]:
    """Read an agent's evidence for a mandate; it carries no time and holds as long as its key is trusted."""
    return _verified_claims(jws, keys, _EVIDENCE_TYPES)


def verify_receipt(jws: str, keys: VerificationKeys) -> dict[str, Any]:
    """Read one of our receipts, or a proof of a mandate; it proves the past and never expires."""
    return _verified_claims(jws, keys, _RECEIPT_TYPES)


def key_id(jws: str) -> str | None:
    """Name the key that a token says it is signed with, or None where it cannot be read as one of ours."""
    try:
        return parse(jws).kid
    except BadToken:
        return None


def _verified_claims(token: str, keys: VerificationKeys, types: Collection[str | None]) -> dict[str, Any]:
    jws = parse(token)
    _require(jws.typ in types, Reason.TYPE)
    key = keys.get(jws.kid)
    if key is None:
        raise BadToken(Reason.UNKNOWN_KEY)
    try:
        payload = jose_jws.verify(jws.text, key, algorithms=[_ALGORITHM])
    except JOSEError:
        raise BadToken(Reason.SIGNATURE) from None
    return json_object(payload)


def _checked_expiry(claims: Mapping[str, Any], issued_at: int | None, now: datetime) -> datetime:
    """Check exp, iat and nbf (RFC 7519 section 4.1) with the leeway in both directions, and the lifetime."""
    moment = _epoch(now)
    expires = _seconds(claims, "exp")
    begins = [_seconds(claims, "nbf")] if "nbf" in claims else []
    begins += [] if issued_at is None else [issued_at]
    _require(all(begin <= moment + LEEWAY_SECONDS for begin in begins), Reason.NOT_YET)
    _require(moment < expires + LEEWAY_SECONDS, Reason.EXPIRED)
    _require(expires <= (moment if issued_at is None else issued_at) + _MAX_LIFETIME, Reason.LIFETIME)
    _require(all(begin < expires for begin in begins), Reason.LIFETIME)
    return datetime.fromtimestamp(expires, UTC)


def _epoch(now: datetime) -> float:
    if now.utcoffset() is None:
        raise ValueError("a time without a zone")
    return now.timestamp()


def _audiences(claims: Mapping[str, Any]) -> frozenset[str]:
    """RFC 7519 section 4.1.3: one string or an array of them."""
    value = _claim(claims, "aud")
    values = value if isinstance(value, list) else [value]
    _require(all(isinstance(item, str) for item in values), Reason.CLAIM_TYPE)
    return frozenset(values)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = _claim(claims, name)
    if not isinstance(value, str) or not value:
        raise BadToken(Reason.CLAIM_TYPE)
    return value


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    value = _claim(claims, name)
    # A bool is an int in Python, so the exact type is asked for.
    if type(value) is not int:
        raise BadToken(Reason.CLAIM_TYPE)
    return value


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    if name not in claims:
        raise BadToken(Reason.CLAIM_MISSING)
    return claims[name]


def _require(condition: bool, reason: Reason) -> None:  # noqa: FBT001 - the condition is what is asked
    if not condition:
        raise BadToken(reason)
