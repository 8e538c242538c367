"""What providers prove themselves with; all comparisons take constant time, and nothing raises."""

import base64
import binascii
import hashlib
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key


def basic_holds(header: str, username: str, password: str) -> bool:
    """Basic authentication (RFC 7617), the names in UTF-8."""
    scheme, _, sent = header.partition(" ")
    wanted = base64.b64encode(f"{username}:{password}".encode())
    same = hmac.compare_digest(sent.strip().encode("utf-8", "surrogatepass"), wanted)
    return scheme.lower() == "basic" and same


def hmac_holds(key: str, message: bytes, sent: str, algorithm: str) -> bool:
    """An HMAC (RFC 2104) in base64. `algorithm` is `sha1` or `sha256`; the provider's scheme says which."""
    wanted = base64.b64encode(hmac.digest(key.encode(), message, getattr(hashlib, algorithm)))
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), wanted)


def ecdsa_key(text: str) -> EllipticCurvePublicKey | None:
    """A P-256 public key, as base64 of its DER form (SubjectPublicKeyInfo); None if it is nothing of the
    kind."""
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (ValueError, TypeError, binascii.Error):
        return None
    return key if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1) else None


def ecdsa_holds(key_text: str, message: bytes, sent: str) -> bool:
    """ECDSA over P-256 and SHA-256, the signature in base64 of its DER form."""
    key = ecdsa_key(key_text)
    try:
        signature = base64.b64decode(sent.encode("ascii"), validate=True)
        if key is not None:
            key.verify(signature, message, ECDSA(SHA256()))
            return True
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return False
