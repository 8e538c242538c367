"""The keys of an agent, as files: JWKs (RFC 7517). A private part never leaves this machine."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from app.cli.connection import fail
from app.crypto import base64url
from app.crypto.public_keys import BadKey, checked_jwk, public_jwk

_PUBLIC: Final = ("kty", "crv", "x", "y", "kid", "use", "alg")
_SCALAR_BYTES: Final = 32


def read_keys(files: Sequence[Path]) -> list[dict[str, str]]:
    """The public keys in files that hold a JWK, several, or a JWKS; of a private key only its public part."""
    return [_checked(file, jwk) for file in files for jwk in _jwks(file)]


def make_key(file: Path) -> dict[str, str]:
    """Write a new private key (ES256) for its owner alone, and give its public part. A file that is there
    already stays as it is: it may be the only copy of another key."""
    private = ec.generate_private_key(ec.SECP256R1())
    public = public_jwk(private.public_key())
    scalar = private.private_numbers().private_value.to_bytes(_SCALAR_BYTES, "big")
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        fail(f"{file} exists already; --key registers the key in it")
    except OSError as refused:
        fail(f"cannot write {file}: {refused.strerror}")
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        json.dump({**public, "d": base64url.encode(scalar)}, opened, indent=2)
        opened.flush()
        os.fsync(opened.fileno())
    return public


def _jwks(file: Path) -> list[Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as refused:
        fail(f"cannot read {file}: {refused.strerror}")
    except ValueError:
        fail(f"{file} is not JSON; a key is a JWK")
    if isinstance(found, dict):
        found = found.get("keys", [found])
    return found if isinstance(found, list) else [found]


def _checked(file: Path, jwk: Any) -> dict[str, str]:
    if not isinstance(jwk, dict):
        fail(f"{file} holds no JWK")
    try:
        return checked_jwk({name: jwk[name] for name in _PUBLIC if name in jwk})
    except BadKey as bad:
        fail(f"{file}: {bad}")
