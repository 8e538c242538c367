"""Tokens made by hand with `cryptography` alone: the code under test makes none of its own proofs."""

import base64
import hashlib
import hmac
import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from joserfc import jwt
from joserfc.jwk import KeySet

from app.crypto.keys import KeyRing, SigningKey
from app.crypto.tokens import LEEWAY_SECONDS, VerificationKeys

NOW: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EPOCH: Final = int(NOW.timestamp())
ISSUER: Final = "https://registry.example.com"
AUDIENCE: Final = "https://registry.example.com/v1"
CLIENT: Final = "01937000-0000-7000-8000-000000000001"
RING: Final = KeyRing.generate()
OTHER_RING: Final = KeyRing.generate()
KEYS: Final = VerificationKeys(RING.public_jwks())
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ABSENT: Final = object()


def private_key(key: SigningKey) -> ec.EllipticCurvePrivateKey:
    loaded = load_pem_private_key(key.private_pem.encode(), password=None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    return loaded


OURS: Final = private_key(RING.token_key)
THEIRS: Final = private_key(OTHER_RING.token_key)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def segment(content: object) -> str:
    """Bytes stand for themselves; anything else is written as JSON."""
    return b64(content if isinstance(content, bytes) else json.dumps(content).encode())


def header(**changes: object) -> dict[str, Any]:
    return _changed({"alg": "ES256", "kid": RING.token_key.kid, "typ": "at+jwt"}, changes)


def claims(**changes: object) -> dict[str, Any]:
    return _changed(
        {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": CLIENT,
            "client_id": CLIENT,
            "party": "party-1",
            "role": "sender",
            "scope": "lookups",
            "iat": EPOCH,
            "exp": EPOCH + 600,
            "jti": "jti-1",
        },
        changes,
    )


def assertion_claims(**changes: object) -> dict[str, Any]:
    base = {"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "iat": EPOCH, "exp": EPOCH + 60, "jti": "jti-2"}
    return _changed(base, changes)


def claims_text(**texts: str) -> bytes:
    """The claims with members written exactly as given, for what `json.dumps` would not write."""
    members = [f'"{name}":{text}' for name, text in texts.items()]
    kept = json.dumps({name: value for name, value in claims().items() if name not in texts})
    return (kept[:-1] + "," + ",".join(members) + "}").encode()


def _changed(base: dict[str, Any], changes: dict[str, object]) -> dict[str, Any]:
    return {name: value for name, value in {**base, **changes}.items() if value is not ABSENT}


def integers(signing_input: str, key: ec.EllipticCurvePrivateKey = OURS) -> tuple[int, int]:
    return decode_dss_signature(der_signature(signing_input, key))


def der_signature(signing_input: str, key: ec.EllipticCurvePrivateKey = OURS) -> bytes:
    return key.sign(signing_input.encode(), ec.ECDSA(hashes.SHA256()))


def raw_signature(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def signed(signing_input: str, key: ec.EllipticCurvePrivateKey = OURS) -> str:
    return f"{signing_input}.{b64(raw_signature(*integers(signing_input, key)))}"


def unsigned(head: object = None, payload: object = None) -> str:
    parts = (header() if head is None else head, claims() if payload is None else payload)
    return ".".join(map(segment, parts))


def forged(head: object = None, payload: object = None, key: ec.EllipticCurvePrivateKey = OURS) -> str:
    return signed(unsigned(head, payload), key)


def hmac_token(secret: bytes) -> str:
    """The confusion of CVE-2024-33663: the public key, which everybody has, used as an HMAC secret."""
    signing_input = unsigned(header(alg="HS256"))
    return f"{signing_input}.{b64(hmac.digest(secret, signing_input.encode(), hashlib.sha256))}"


def public_bytes(encoding: Encoding) -> bytes:
    return OURS.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def joserfc_refuses(
    token: str, *, audiences: Collection[str] = (AUDIENCE,), issuer: str = ISSUER, access: bool = True
) -> bool:
    """Ask joserfc, told all it can be told: one algorithm, our keys, each claim required, the same time."""
    required = ("exp", "jti", *(("iat", "party", "role", "scope", "client_id") if access else ()))
    options: dict[str, jwt.ClaimsOption] = {name: {"essential": True} for name in required}
    options["iss"] = {"essential": True, "value": issuer}
    options["sub"] = {"essential": True, "value": CLIENT}
    options["aud"] = {"essential": True, "values": list(audiences)}
    rules = jwt.JWTClaimsRegistry(now=EPOCH, leeway=LEEWAY_SECONDS, **options)
    keys = KeySet.import_key_set({"keys": [dict(jwk) for jwk in RING.public_jwks()]})
    try:
        rules.validate(jwt.decode(token, keys, algorithms=["ES256"]).claims)
    except Exception:  # noqa: BLE001 - joserfc lets several kinds out; each of them is a refusal
        return True
    return False
