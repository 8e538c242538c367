"""Client secrets: made here, shown once, kept only as a keyed digest."""

import hashlib
import hmac
import secrets
from typing import Final

_PREFIX: Final = "sk_"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Give 256 random bits in base64url; the prefix lets secret scanners find one that was committed."""
    return _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def secret_digest(credential_key: bytes, secret: str) -> bytes:
    """Give the HMAC-SHA256 (32 bytes, RFC 2104) that is stored in place of a secret.

    Argon2 and bcrypt are slow so that guessing a password that a person chose is slow. This secret is 256
    random bits: nobody guesses it at any speed, so slowness would only cost each token request 100 ms and
    offer a way to exhaust the server. The key lies outside the database, so that whoever steals or writes
    into the table can neither test a secret against it nor plant one.
    """
    # A lone surrogate from a hostile form must give a digest that matches nothing, not an exception.
    return hmac.digest(credential_key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256)


def matches(credential_key: bytes, secret: str, digest: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(secret_digest(credential_key, secret), digest)
