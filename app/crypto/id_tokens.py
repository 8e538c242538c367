"""ID tokens of the issuer through whom people sign in (OpenID Connect Core 1.0, section 3.1.3.7).

The keys are the issuer's own, fetched; the algorithm is the key's, never the token's (RFC 8725 section 3.1),
so that neither `none` nor a secret made of a public key opens anything.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from app.crypto.compact_jws import BadToken, Reason, foreign_parts
from app.crypto.pinned_keys import PinnedKey, pinned_key
from app.crypto.public_keys import BadKey

LEEWAY: Final = timedelta(seconds=30)
_MOST_KEYS: Final = 100
_TYPES: Final = frozenset({None, "JWT"})


def published_keys(listed: object) -> Mapping[str, PinnedKey]:
    """The keys of a JWK set by kid; those that are of no use here are passed over (RFC 7517 section 5). An
    RSA key that names no algorithm is for RS256, the usual one of ID tokens. Raises BadKey when none is left,
    and when a kid stands twice."""
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise BadKey("keys must be a list, of at most 100")
    found: dict[str, PinnedKey] = {}
    for jwk in listed:
        try:
            kid, key = pinned_key(_with_algorithm(jwk))
        except ValueError:
            continue
        if kid in found:
            raise BadKey("a kid stands twice")
        found[kid] = key
    if not found:
        raise BadKey("there is no key to verify with")
    return MappingProxyType(found)


def _with_algorithm(jwk: object) -> object:
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
        raise BadKey("a key for something else")
    return {"alg": "RS256", **jwk} if jwk.get("kty") == "RSA" else jwk


def verified_id_token(token: str, keys: Mapping[str, PinnedKey]) -> dict[str, Any]:
    """The claims of a token with a good signature. BadToken otherwise; UNKNOWN_KEY when fetching the keys
    anew may help."""
    parts = foreign_parts(token)
    if parts is None:
        raise BadToken(Reason.MALFORMED)
    header, claims, signature = parts
    if header.get("typ") not in _TYPES:
        raise BadToken(Reason.TYPE)
    if header.get("alg") not in {"ES256", "PS256", "RS256"}:
        raise BadToken(Reason.ALGORITHM)
    key = keys.get(header.get("kid", ""))
    if key is None:
        raise BadToken(Reason.UNKNOWN_KEY)
    if header["alg"] != key.algorithm:
        raise BadToken(Reason.ALGORITHM)
    if not key.verifies(signature, token.rpartition(".")[0].encode()):
        raise BadToken(Reason.SIGNATURE)
    return claims


def check_id_token(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, began: datetime, now: datetime
) -> None:
    """Raises BadToken unless the token was issued by this issuer, to us alone, for the sign-in with this
    nonce, since that began."""
    _require(claims.get("iss") == issuer, Reason.ISSUER)
    _require(claims.get("aud") in (client_id, [client_id]), Reason.AUDIENCE)
    _require(claims.get("azp", client_id) == client_id, Reason.AUDIENCE)
    _require(claims.get("nonce") == nonce, Reason.NONCE)
    expires, issued = (_seconds(claims, name) for name in ("exp", "iat"))
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    _require(moment < expires + leeway, Reason.EXPIRED)
    _require(issued <= moment + leeway and _not_before(claims) <= moment + leeway, Reason.NOT_YET)
    _require(int(began.timestamp()) - leeway <= issued < expires, Reason.LIFETIME)


def _not_before(claims: Mapping[str, Any]) -> int:
    return _seconds(claims, "nbf") if "nbf" in claims else 0


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    # A bool is an int in Python, so the exact type is asked for.
    if type(value) is not int:
        raise BadToken(Reason.CLAIM_TYPE)
    return value


def _require(condition: bool, reason: Reason) -> None:  # noqa: FBT001 - the condition is what is asked
    if not condition:
        raise BadToken(reason)
