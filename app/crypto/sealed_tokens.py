"""Tokens that hold what they are about, sealed, so that no row is kept for them.

AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D section 8.2.2: up to 2^32 tokens under one key), under
a key derived from the master key for one use alone (HKDF, RFC 5869). The content is padded, so that the
length of a token tells at most in steps how long it is.
"""

from contextlib import suppress
from secrets import token_bytes
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.crypto import base64url

_NONCE_BYTES: Final = 12
_STEP: Final = 64
_LONGEST: Final = 2048


def derived_key(master_key: bytes, use: bytes) -> bytes:
    """What the tokens of one use are sealed with; ValueError for a master key that is not 32 bytes."""
    if len(master_key) != 32:  # noqa: PLR2004 - as the vault's own check says
        raise ValueError("a key must be 32 bytes")
    return HKDF(SHA256(), 32, None, use).derive(master_key)


class SealedTokens:
    """Seals and opens the tokens of one use; ValueError for a master key that is not 32 bytes. What was
    sealed with one of the `others`, derived keys of the same use, opens too."""

    __slots__ = ("_cipher", "_others", "_use")

    def __init__(self, master_key: bytes, use: bytes, *others: bytes) -> None:
        self._use = use
        self._cipher = AESGCM(derived_key(master_key, use))
        self._others = tuple(AESGCM(key) for key in others)

    def seal(self, content: bytes) -> str:
        """A token in base64url. The content must stay the same with blanks at its end, as JSON does."""
        nonce = token_bytes(_NONCE_BYTES)
        padded = content.ljust(-(-len(content) // _STEP) * _STEP)
        return base64url.encode(nonce + self._cipher.encrypt(nonce, padded, self._use))

    def open(self, token: str) -> bytes | None:
        """The content, padded; None for whatever is not a token of this registry and this use."""
        try:
            sealed = base64url.decode(token) if len(token) <= _LONGEST else b""
        except ValueError:
            return None
        for cipher in (self._cipher, *self._others):
            with suppress(InvalidTag, ValueError):
                return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._use)
        return None
