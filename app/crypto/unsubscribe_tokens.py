"""The tokens of unsubscribe links: everything that a click needs, sealed, so that no row is kept for a link.

AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D section 8.2.2: up to 2^32 links under one key), under
a key derived from the master key for this use alone (HKDF, RFC 5869). The content is padded, so that the
length of a token tells at most in steps how long an address is.
"""

from contextlib import suppress
from secrets import token_bytes
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.crypto import base64url

_USE: Final = b"sparr unsubscribe link 1"
_NONCE_BYTES: Final = 12
_STEP: Final = 64
_LONGEST: Final = 2048


def link_key(master_key: bytes) -> bytes:
    """What links are sealed with under a master key of 32 bytes; ValueError for another length."""
    if len(master_key) != 32:  # noqa: PLR2004 - as the vault's own check says
        raise ValueError("a key must be 32 bytes")
    return HKDF(SHA256(), 32, None, _USE).derive(master_key)


class UnsubscribeTokens:
    """Seals and opens the content of links; ValueError for a master key that is not 32 bytes. `others` are
    keys of links that open too: link_key of an earlier or a coming master key."""

    __slots__ = ("_cipher", "_others")

    def __init__(self, master_key: bytes, *others: bytes) -> None:
        self._cipher = AESGCM(link_key(master_key))
        self._others = tuple(AESGCM(key) for key in others)

    def seal(self, content: bytes) -> str:
        """A token in base64url. The content must stay the same with blanks at its end, as JSON does."""
        nonce = token_bytes(_NONCE_BYTES)
        padded = content.ljust(-(-len(content) // _STEP) * _STEP)
        return base64url.encode(nonce + self._cipher.encrypt(nonce, padded, _USE))

    def open(self, token: str) -> bytes | None:
        """The content, padded; None for whatever is not a token of this registry."""
        try:
            sealed = base64url.decode(token) if len(token) <= _LONGEST else b""
        except ValueError:
            return None
        for cipher in (self._cipher, *self._others):
            with suppress(InvalidTag, ValueError):
                return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _USE)
        return None
