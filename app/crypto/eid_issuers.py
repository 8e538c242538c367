"""Whom a deployment believes about eID signatures that come as a signed statement (JWS): the issuers of
Freja, or a broker of MitID, with keys that were pinned out of band. Nothing is fetched.

The file is JSON: `{"issuers": [{"scheme", "iss", "keys": [JWK …], "signer", "hidden", "visible"}]}`. The last
three are JSON pointers (RFC 6901) into the payload: where it names the person's number, and where it has the
data that was signed unseen and the text that was shown. Each key names its one algorithm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from app.crypto import base64url
from app.crypto.compact_jws import BadToken, json_object
from app.crypto.public_keys import BadKey, checked_jwk
from app.domain.mandate import STATEMENT_SCHEMES

_SMALLEST_RSA: Final = 2048
_LARGEST_RSA: Final = 8192
_EXPONENT: Final = 65537
_P256_BYTES: Final = 32
_RSA_PADDINGS: Final[Mapping[str, padding.AsymmetricPadding]] = MappingProxyType(
    {"RS256": padding.PKCS1v15(), "PS256": padding.PSS(padding.MGF1(hashes.SHA256()), 32)}
)
_POINTERS: Final = {"signer": "/personal_number", "hidden": "/hidden_data", "visible": "/visible_text"}
_MEMBERS: Final = frozenset({"scheme", "iss", "keys", *_POINTERS})


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


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer of statements for one scheme; the pointers lead to what its statements say."""

    scheme: str
    iss: str
    keys: Mapping[str, PinnedKey]
    signer: str
    hidden: str
    visible: str


@dataclass(frozen=True, slots=True)
class Issuers:
    """All of them, by scheme and name."""

    pinned: Mapping[tuple[str, str], Issuer]

    def of_scheme(self, scheme: str) -> bool:
        """Whether anybody is believed about this scheme at all."""
        return any(known == scheme for known, _ in self.pinned)


NOBODY: Final = Issuers(MappingProxyType({}))


def read_issuers(raw: bytes) -> Issuers:
    """The issuers of a file. Raises ValueError, which names the rule and not the key."""
    try:
        listed = json_object(raw).get("issuers")
    except BadToken:
        raise ValueError("this is no JSON object") from None
    if not isinstance(listed, list) or not listed:
        raise ValueError("issuers must be a list")
    issuers = [_issuer(one) for one in listed]
    found = {(one.scheme, one.iss): one for one in issuers}
    if len(found) != len(issuers):
        raise ValueError("an issuer stands twice")
    return Issuers(MappingProxyType(found))


def _issuer(stated: object) -> Issuer:
    if not isinstance(stated, dict) or not stated.keys() <= _MEMBERS:
        raise ValueError("an issuer has the members " + ", ".join(sorted(_MEMBERS)))
    scheme, iss, keys = stated.get("scheme"), stated.get("iss"), stated.get("keys")
    if scheme not in STATEMENT_SCHEMES:
        raise ValueError("scheme must be one of " + ", ".join(sorted(STATEMENT_SCHEMES)))
    if not isinstance(iss, str) or not iss or not isinstance(keys, list) or not keys:
        raise ValueError("an issuer has a name and keys")
    pointers = {name: stated.get(name, usual) for name, usual in _POINTERS.items()}
    if not all(isinstance(one, str) and one.startswith("/") for one in pointers.values()):
        raise ValueError("a pointer begins with a slash")
    pinned = dict(_key(one) for one in keys)
    if len(pinned) != len(keys):
        raise ValueError("a kid stands twice")
    return Issuer(scheme, iss, MappingProxyType(pinned), **pointers)


def _key(jwk: object) -> tuple[str, PinnedKey]:
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
