"""Envelope encryption of plain identifiers: each subject has a data key, the master key wraps data keys.

Destroying a subject's wrapped key is the erasure of everything sealed with it (GDPR Art. 17).

Both layers are AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D section 8.2.2), which is safe up to
2^32 uses of one key: that many subjects under a master key. A sealed value is
`version (1 byte) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`; the version is authenticated with the caller's data.
"""

import hmac
from contextlib import suppress
from secrets import token_bytes
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION: Final = b"\x01"
_GENERATION: Final = b"sparr master key generation 1"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEAD_BYTES: Final = len(_VERSION) + _NONCE_BYTES


class Unsealable(Exception):  # noqa: N818 - named for what is wrong, as BadToken is
    """Wrong key, wrong subject or place, or an altered value; nobody can tell which, so nothing is said."""


class Vault:
    """Holds the master key (32 bytes), which wraps, and while it is exchanged another one that unwraps too.
    ValueError for another length.

    `generation` tells two vaults apart whose keys differ, in 16 hex digits, and discloses none.
    """

    def __init__(self, master_key: bytes, *others: bytes) -> None:
        self._master_key = _whole_key(master_key)
        self._others = tuple(_whole_key(key) for key in others)
        self.generation = hmac.digest(master_key, b"".join((_GENERATION, *others)), "sha256").hex()[:16]

    def new_data_key(self, subject: UUID) -> tuple[bytes, bytes]:
        """Give a new key for one subject, and the same key wrapped for the database."""
        data_key = token_bytes(_KEY_BYTES)
        return data_key, self.seal(self._master_key, data_key, subject.bytes)

    def unwrap(self, subject: UUID, wrapped: bytes) -> bytes:
        """Unsealable when the key was wrapped for another subject or under another master key."""
        for key in (self._master_key, *self._others):
            with suppress(Unsealable):
                return self.unseal(key, wrapped, subject.bytes)
        raise Unsealable

    def rewrap(self, subject: UUID, wrapped: bytes) -> bytes | None:
        """The same data key under the master key that wraps now; None if it is under that already. Unsealable
        when no key here opens it."""
        with suppress(Unsealable):
            self.unseal(self._master_key, wrapped, subject.bytes)
            return None
        return self.seal(self._master_key, self.unwrap(subject, wrapped), subject.bytes)

    @staticmethod
    def seal(data_key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Bind the value to `aad` (say what it is and whose row it stands in): it opens nowhere else."""
        nonce = token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + AESGCM(_whole_key(data_key)).encrypt(nonce, plaintext, _VERSION + aad)

    @staticmethod
    def unseal(data_key: bytes, sealed: bytes, aad: bytes) -> bytes:
        cipher = AESGCM(_whole_key(data_key))
        if len(sealed) < _HEAD_BYTES + _TAG_BYTES or not sealed.startswith(_VERSION):
            raise Unsealable
        try:
            return cipher.decrypt(sealed[len(_VERSION) : _HEAD_BYTES], sealed[_HEAD_BYTES:], _VERSION + aad)
        except InvalidTag:
            raise Unsealable from None


def _whole_key(key: bytes) -> bytes:
    # AESGCM would also take 16 and 24 bytes and quietly be a weaker cipher.
    if len(key) != _KEY_BYTES:
        raise ValueError("a key must be 32 bytes")
    return key
