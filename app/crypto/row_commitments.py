"""Commitments to the rows of one answer: each can be opened alone, and none says anything before it is.

A row's commitment is SHA-256 over its salt (16 bytes), its position (8 bytes, big-endian), its item as JSON
in UTF-8, a zero byte, and its decision and code with a space between. Phone numbers can all be tried out, so
it is the salt that hides the item. The salts of an answer come from one seed of 32 bytes as AES-256 in
counter mode (NIST SP 800-38A): whoever is shown one salt cannot compute another.
"""

import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

SEED_BYTES: Final = 32
_SALT: Final = 16
_POSITION: Final = 8
_BEFORE: Final = _SALT + _POSITION


def new_seed() -> bytes:
    """A seed that nobody can guess."""
    return secrets.token_bytes(SEED_BYTES)


def salt_of(seed: bytes, position: int) -> bytes:
    """The salt of one row, 16 bytes."""
    return _salts(seed, position, 1)


def commitment(salt: bytes, position: int, item: bytes, verdict: str) -> bytes:
    """The commitment to one row, 32 bytes. `item` is its JSON text, `verdict` for instance `block OBJ_DM`."""
    return sha256(salt + position.to_bytes(_POSITION) + item + _ending(verdict)).digest()


def commitments(
    seed: bytes, first: int, items: Sequence[bytes], usual: str, special: Mapping[int, str]
) -> list[bytes]:
    """Commitments to many rows, the first of them at position `first`. Most have the `usual` verdict;
    `special` has those of the others, by their index in `items`."""
    before = np.empty((len(items), _BEFORE), np.uint8)
    before[:, :_SALT] = np.frombuffer(_salts(seed, first, len(items)), np.uint8).reshape(-1, _SALT)
    positions = np.arange(first, first + len(items), dtype=">u8")
    before[:, _SALT:] = positions.view(np.uint8).reshape(-1, _POSITION)
    joined, ending = before.tobytes(), _ending(usual)
    starts = [joined[at : at + _BEFORE] for at in range(0, len(joined), _BEFORE)]
    made = [sha256(start + item + ending).digest() for start, item in zip(starts, items, strict=True)]
    for index, verdict in special.items():
        made[index] = sha256(starts[index] + items[index] + _ending(verdict)).digest()
    return made


def _salts(seed: bytes, first: int, count: int) -> bytes:
    if len(seed) != SEED_BYTES:
        raise ValueError("a seed has 32 bytes")
    counter = Cipher(AES(seed), CTR(first.to_bytes(_SALT))).encryptor()
    return counter.update(bytes(_SALT * count))


def _ending(verdict: str) -> bytes:
    return b"\0" + verdict.encode()
