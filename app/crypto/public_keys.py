"""Public keys as JWKs (RFC 7517): only EC P-256 for ES256 (RFC 7518 section 6.2)."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from app.crypto import base64url

_COORDINATE_BYTES: Final = 32
_KID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_FIXED_MEMBERS: Final = {"kty": "EC", "crv": "P-256"}
_OPTIONAL_MEMBERS: Final[dict[str, Any]] = {"use": "sig", "alg": "ES256", "key_ops": ["verify"]}


class BadKey(ValueError):  # noqa: N818 - named for what is wrong, as BadToken is
    """A JWK that cannot be a verification key. The message names the rule, never the key's content."""


def checked_jwk(jwk: Mapping[str, Any]) -> dict[str, str]:
    """Read a foreign JWK strictly and give it back as `public_jwk` writes it; other members are dropped.

    Refused with BadKey: a private part, another key type, curve, use or algorithm, a coordinate that is not
    32 bytes in canonical base64url, a point that is not on the curve (RFC 7518 section 6.2.1), and a kid
    that is missing or not 1 to 128 printable ASCII characters without a space.
    """
    if not isinstance(jwk, Mapping):
        raise BadKey("a key must be a JSON object")
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise BadKey("a private or secret part is present")
    for name, value in _FIXED_MEMBERS.items():
        if jwk.get(name) != value:
            raise BadKey(f"{name} must be {value}")
    for name, value in _OPTIONAL_MEMBERS.items():
        if name in jwk and jwk[name] != value:
            raise BadKey(f"{name}, where given, must be {value}")
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise BadKey("kid must be 1 to 128 printable ASCII characters")
    numbers = ec.EllipticCurvePublicNumbers(_coordinate(jwk, "x"), _coordinate(jwk, "y"), ec.SECP256R1())
    try:
        public = numbers.public_key()
    except ValueError:
        raise BadKey("the point is not on the curve") from None
    return public_jwk(public, kid=kid)


def public_jwk(key: ec.EllipticCurvePublicKey, *, kid: str | None = None) -> dict[str, str]:
    """Give kty, crv, x, y, kid, use, alg; the kid is the RFC 7638 thumbprint unless its owner chose one."""
    numbers = key.public_numbers()
    point = {
        "kty": "EC",
        "crv": "P-256",
        "x": base64url.encode(numbers.x.to_bytes(_COORDINATE_BYTES, "big")),
        "y": base64url.encode(numbers.y.to_bytes(_COORDINATE_BYTES, "big")),
    }
    return {**point, "kid": kid or _thumbprint(point), "use": "sig", "alg": "ES256"}


def _thumbprint(point: Mapping[str, str]) -> str:
    """RFC 7638 section 3: SHA-256 over the required members, sorted, without white space."""
    text = json.dumps(point, sort_keys=True, separators=(",", ":"))
    return base64url.encode(hashlib.sha256(text.encode("ascii")).digest())


def _coordinate(jwk: Mapping[str, Any], name: str) -> int:
    value = jwk.get(name)
    try:
        raw = base64url.decode(value) if isinstance(value, str) else b""
    except ValueError:
        raw = b""
    if len(raw) != _COORDINATE_BYTES:
        raise BadKey(f"{name} must be {_COORDINATE_BYTES} bytes in base64url without padding")
    return int.from_bytes(raw, "big")
