"""An issuer of eID statements of the tests' own, and what it says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from secrets import token_hex
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from app.crypto import base64url
from app.crypto.eid_issuers import Issuers, read_issuers
from app.crypto.public_keys import public_jwk

FREJA, BROKER = "https://freja.example.com", "https://broker.example.com"
AUDIENCE = "ombudet.example.com"
SIGNED = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


@cache
def _made(_name: str, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    return _made(name, bits)


@cache
def ec_key(_name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rsa_jwk(name: str, algorithm: str = "RS256", bits: int = 2048) -> dict[str, Any]:
    numbers = rsa_key(name, bits).public_key().public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)
    return {
        "kty": "RSA",
        "kid": name,
        "alg": algorithm,
        "n": base64url.encode(modulus),
        "e": base64url.encode(numbers.e.to_bytes(3)),
    }


PINNED: dict[str, Any] = {
    "issuers": [
        {
            "scheme": "freja_se",
            "iss": FREJA,
            "keys": [rsa_jwk("freja-1"), rsa_jwk("freja-2", "PS256")],
            "signer": "/requestedAttributes/ssn/ssn",
            "hidden": "/signatureData/hidden",
            "visible": "/signatureData/text",
        },
        {
            "scheme": "mitid_dk",
            "iss": BROKER,
            "keys": [public_jwk(ec_key("broker-1").public_key(), kid="broker-1")],
            "signer": "/dk.cpr",
        },
    ]
}


def issuers(stated: Mapping[str, Any] = PINNED) -> Issuers:
    return read_issuers(json.dumps(stated).encode())


@dataclass(frozen=True)
class Statement:
    """What an issuer is asked to say; a change makes it say something else."""

    visible: str
    hidden: str
    number: str = "19900101-2385"
    audience: Any = AUDIENCE
    issued_at: Any = field(default_factory=lambda: int(SIGNED.timestamp()))
    iss: Any = FREJA
    name: str = field(default_factory=lambda: token_hex(8))

    def payload(self) -> dict[str, Any]:
        return {
            "iss": self.iss,
            "aud": self.audience,
            "iat": self.issued_at,
            "jti": self.name,
            "requestedAttributes": {"ssn": {"country": "SE", "ssn": self.number}},
            "signatureData": {"hidden": self.hidden, "text": self.visible},
        }

    def but(self, **changes: Any) -> "Statement":
        return replace(self, **changes)


def encoded(value: Any) -> str:
    return base64url.encode(value if isinstance(value, bytes) else json.dumps(value).encode())


def signed(header: Any, payload: Any, sign: Callable[[bytes], bytes]) -> str:
    text = f"{encoded(header)}.{encoded(payload)}"
    return f"{text}.{base64url.encode(sign(text.encode()))}"


def by_rsa(name: str) -> Callable[[bytes], bytes]:
    return lambda text: rsa_key(name).sign(text, padding.PKCS1v15(), hashes.SHA256())


def by_pss(name: str) -> Callable[[bytes], bytes]:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return lambda text: rsa_key(name).sign(text, pss, hashes.SHA256())


def by_ec(name: str) -> Callable[[bytes], bytes]:
    def sign(text: bytes) -> bytes:
        halves = decode_dss_signature(ec_key(name).sign(text, ec.ECDSA(hashes.SHA256())))
        return b"".join(half.to_bytes(32) for half in halves)

    return sign


def by_secret(secret: bytes) -> Callable[[bytes], bytes]:
    def sign(text: bytes) -> bytes:
        made = hmac.HMAC(secret, hashes.SHA256())
        made.update(text)
        return made.finalize()

    return sign


HEADER = {"alg": "RS256", "kid": "freja-1", "typ": "JWT"}


def genuine(statement: Statement) -> str:
    """As Freja would say it."""
    return signed(HEADER, statement.payload(), by_rsa("freja-1"))
