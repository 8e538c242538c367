"""Keys of others, each with the one algorithm that it is believed with (RFC 8725 section 3.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from app.crypto import base64url
from app.crypto.public_keys import BadKey, checked_jwk

_SMALLEST_RSA: Final = 2048
_LARGEST_RSA: Final = 8192
_EXPONENT: Final = 65537
_P256_BYTES: Final = 32
_RSA_PADDINGS: Final[Mapping[str, padding.AsymmetricPadding]] = MappingProxyType(
    {"RS256": padding.PKCS1v15(), "PS256": padding.PSS(padding.MGF1(hashes.SHA256()), 32)}
)


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """A key and the only algorithm that it is believed with (RFC 8725 section 3.1)."""

    algorithm: str
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """RFC 7518 sections 3.3 to 3.5, with SHA-256."""
        try:
            if isinstance(self.key, rsa.RSAPublicKey):
                self.key.verify(signature, signed, _RSA_PADDINGS[self.algorithm], hashes.SHA256())
            elif len(signature) == 2 * _P256_BYTES:
                halves = signature[:_P256_BYTES], signature[_P256_BYTES:]
                der = encode_dss_signature(*(int.from_bytes(half) for half in halves))
                self.key.verify(der, signed, ec.ECDSA(hashes.SHA256()))
            else:
                return False
        except InvalidSignature:
            return False
        return True


def pinned_key(jwk: object) -> tuple[str, PinnedKey]:
    """The kid and the key of a JWK (RFC 7517). BadKey, which names the rule, for what cannot be one."""
    if not isinstance(jwk, dict):
        raise BadKey("a key must be a JSON object")
    if jwk.get("kty") == "EC":
        return checked_jwk(jwk)["kid"], PinnedKey("ES256", _ec(jwk))
    kid, algorithm = jwk.get("kid"), jwk.get("alg")
    if jwk.get("kty") != "RSA" or not isinstance(algorithm, str) or algorithm not in _RSA_PADDINGS:
        raise BadKey("a key is EC P-256, or RSA with alg RS256 or PS256")
    if not isinstance(kid, str) or not kid or {"d", "p", "q", "k"} & jwk.keys():
        raise BadKey("a key has a kid and no private part")
    modulus, exponent = (_integer(jwk.get(name)) for name in ("n", "e"))
    if not _SMALLEST_RSA <= modulus.bit_length() <= _LARGEST_RSA or exponent != _EXPONENT:
        raise BadKey("an RSA key has 2048 to 8192 bits and the exponent 65537")
    return kid, PinnedKey(algorithm, rsa.RSAPublicNumbers(exponent, modulus).public_key())


def _ec(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    x, y = (_integer(jwk[name]) for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _integer(value: object) -> int:
    if not isinstance(value, str):
        raise BadKey("a number of a key is base64url")
    return int.from_bytes(base64url.decode(value))
