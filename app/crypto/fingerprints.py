"""Fingerprints: what is stored of an identifier, and what is matched.

A fingerprint is AES-256-CMAC (NIST SP 800-38B, RFC 4493) under the secret K over one byte for the kind and
the canonical form in UTF-8. Its 16 bytes are stored as a uuid. Without K nobody can go from a number to its
fingerprint or back; an unkeyed hash of a phone number would hide nothing. The plus of E.164 is left out, so
that the kind and at most 15 digits fit one AES block.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Final
from uuid import UUID

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.cmac import CMAC
from numpy.typing import NDArray

from app.domain.column import WIDEST, Column
from app.domain.identifier import Canonical, HashedIdentifier
from app.domain.identifiers import HASHED_TYPES

# Permanent: another number would make every stored fingerprint of that kind unfindable. A new type of
# identifier gets a new number here; a retired one keeps its own. All are below 0x80, one byte in UTF-8 too.
TAGS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "phone": 0x01,
        "email": 0x02,
        "personal_number": 0x03,
        "postal_address": 0x04,
        "customer_ref": 0x05,
        "phone_sha256": 0x11,
        "email_sha256": 0x12,
        "personal_number_sha256": 0x13,
        "canary": 0x20,
        "subject": 0x21,
        "key_check": 0x7F,
    }
)

_KEY_BYTES: Final = 32
_BLOCK: Final = 16
_HASH_KINDS: Final = frozenset(f"{type_code}_sha256" for type_code in HASHED_TYPES)
_SHA256_BYTES: Final = 32
_DIGEST: Final = np.dtype("V16")


class Fingerprinter:
    """The secret K of 32 bytes, its version, and what is computed with it. It never shows the key."""

    __slots__ = ("_begun", "_cmacs", "version")

    def __init__(self, key: bytes, version: int = 1) -> None:
        if len(key) != _KEY_BYTES:
            raise ValueError("the fingerprint key has 32 bytes")
        self.version = version
        self._cmacs = _ManyCmacs(key)
        self._begun = {kind: CMAC(AES(key)) for kind in TAGS}
        for kind, begun in self._begun.items():
            begun.update(bytes([TAGS[kind]]))

    def __repr__(self) -> str:
        return f"Fingerprinter(version={self.version})"

    def text(self, kind: str, text: str) -> UUID:
        """One fingerprint. `kind` is a key of TAGS; for a `…_sha256` kind the text is its 64 hex digits."""
        return UUID(bytes=self._digest(kind, text))

    def texts(self, kind: str, texts: Sequence[str]) -> bytes:
        """The same for many texts, 16 bytes each, joined in their order."""
        return self._cmacs.of(_with_tags(kind, texts), TAGS[kind])

    def hashes(self, kind: str, texts: Sequence[str]) -> bytes:
        """The fingerprints of the SHA-256 of many texts, as if these had been given as `…_sha256`."""
        encoded = texts.encoded() if isinstance(texts, Column) else (text.encode() for text in texts)
        column = _tagged_digests([sha256(text).digest() for text in encoded])
        return self._cmacs.of(column, TAGS[f"{kind}_sha256"])

    def indexed(self, identifier: Canonical | HashedIdentifier) -> tuple[UUID, ...]:
        """All forms under which an entry is stored: of a value also the SHA-256 of each of its forms."""
        return self.asked(identifier, hashed_too=True)

    def asked(self, identifier: Canonical | HashedIdentifier, *, hashed_too: bool) -> tuple[UUID, ...]:
        """The forms to ask for, the canonical one first; any hit counts.

        An entry that was given as a hash alone is found by its value only with `hashed_too`.
        """
        if isinstance(identifier, HashedIdentifier):
            return (self.text(f"{identifier.type}_sha256", identifier.sha256),)
        values = tuple(self.text(identifier.type, form) for form in identifier.forms)
        if not hashed_too or identifier.type not in HASHED_TYPES:
            return values
        hashes = (sha256(form.encode()).hexdigest() for form in identifier.forms)
        return values + tuple(self.text(f"{identifier.type}_sha256", hash_) for hash_ in hashes)

    def check_value(self) -> str:
        """32 hex digits, the same only for the same K; like any fingerprint they do not disclose it."""
        return self._digest("key_check", "sparr").hex()

    def _digest(self, kind: str, text: str) -> bytes:
        cmac = self._begun[kind].copy()
        cmac.update(_message(kind, text))
        return cmac.finalize()


def _message(kind: str, text: str) -> bytes:
    """What follows the kind's tag."""
    if kind == "phone":
        if not text.startswith("+"):
            raise ValueError("a canonical phone number begins with a plus")
        return text[1:].encode()
    if kind in _HASH_KINDS:
        digest = bytes.fromhex(text)
        if len(digest) != _SHA256_BYTES:
            raise ValueError("a SHA-256 has 64 hexadecimal digits")
        return digest
    return text.encode()


def _with_tags(kind: str, texts: Sequence[str]) -> Column:
    """All messages, each with one byte first where the kind's tag can stand: of a phone number its plus."""
    if kind in _HASH_KINDS:
        return _tagged_digests([_message(kind, text) for text in texts])
    column = texts if isinstance(texts, Column) else Column.of(texts)
    if kind != "phone":
        return Column(column.data, column.starts - 1, column.lengths + 1)
    if not bool((column.data[column.starts] == ord("+")).all()):
        raise ValueError("a canonical phone number begins with a plus")
    return column


def _tagged_digests(digests: Sequence[bytes]) -> Column:
    column = Column.packed(b"\0".join((b"", *digests)), np.full(len(digests), _SHA256_BYTES))
    return Column(column.data, column.starts - 1, column.lengths + 1)


class _ManyCmacs:
    """CMAC of many messages at once: all messages of the same number of blocks go through AES together."""

    __slots__ = ("_cipher", "_ends", "_kept")

    def __init__(self, key: bytes) -> None:
        # CMAC is built from the bare block cipher, and that is what ECB is; no text is encrypted with it.
        self._cipher = Cipher(AES(key), ECB())  # noqa: S305 -- see above
        whole = _doubled(self._cipher.encryptor().update(bytes(_BLOCK)))
        # By how many bytes of the message its last block has: what is left of the block, and what is added.
        self._kept = _pairs([b"\xff" * length + bytes(_BLOCK - length) for length in range(_BLOCK + 1)])
        padding = [bytes(length) + b"\x80" + bytes(_BLOCK - 1 - length) for length in range(_BLOCK)]
        self._ends = _pairs([*padding, whole]) ^ _pairs([*([_doubled(whole)] * _BLOCK), bytes(_BLOCK)])

    def of(self, messages: Column, tag: int | None = None) -> bytes:
        """16 bytes for each message. A tag stands for the first byte of each, whatever is there."""
        blocks = np.maximum(1, -(-messages.lengths // _BLOCK))
        most = int(blocks.max(initial=1)) * _BLOCK
        if most > WIDEST:
            data = np.append(messages.data, np.zeros(most, np.uint8))
            messages = Column(data, messages.starts, messages.lengths)
        digests = np.empty(len(messages), _DIGEST)
        for count in np.flatnonzero(np.bincount(blocks)):
            rows = np.flatnonzero(blocks == count)
            digests[rows] = self._of_equal(messages.at(rows), int(count) * _BLOCK, tag)
        return digests.tobytes()

    def _of_equal(self, messages: Column, width: int, tag: int | None) -> NDArray[np.void]:
        """SP 800-38B §6.2 for messages that all take `width` bytes when padded."""
        window = messages.windows(width)
        if tag is not None:
            window[:, 0] = tag
        padded = window.view(np.uint64)
        in_last = messages.lengths - (width - _BLOCK)
        padded[:, -2:] &= self._kept.take(in_last, axis=0)
        padded[:, -2:] ^= self._ends.take(in_last, axis=0)
        encrypt = self._cipher.encryptor().update
        state = encrypt(padded[:, :2].tobytes())
        for first in range(2, width // 8, 2):
            mixed = np.frombuffer(state, np.uint64).reshape(-1, 2) ^ padded[:, first : first + 2]
            state = encrypt(mixed.tobytes())
        return np.frombuffer(state, _DIGEST)


def _pairs(blocks: Sequence[bytes]) -> NDArray[np.uint64]:
    """Blocks as two numbers each, in the byte order of this machine: only the bits matter."""
    return np.frombuffer(b"".join(blocks), np.uint64).reshape(-1, 2)


def _doubled(block: bytes) -> bytes:
    """Multiplication by x in GF(2^128), from which both subkeys come (SP 800-38B §6.1)."""
    number = int.from_bytes(block) << 1
    if number >> 128:
        number ^= (1 << 128) | 0x87
    return number.to_bytes(_BLOCK)
