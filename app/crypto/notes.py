"""Signed notes as C2SP signed-note and tlog-checkpoint define them, with Ed25519 (RFC 8032).

A checkpoint's text has three lines: the origin (the journal's name), the number of leaves, and the root in
base64. A blank line and the signatures follow, each `— name base64(key id ‖ signature)`.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.crypto import base64text

_ED25519: Final = b"\x01"
_ID_BYTES: Final = 4
_HASH_BYTES: Final = 32
_NAME: Final = re.compile(r"[^\s+]+")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE: Final = re.compile(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)")
_BODY_LINES: Final = 3


class BadNote(ValueError):  # noqa: N818 - named for what is wrong, as BadToken is
    """A note or key that is not well formed, or that no trusted key has signed."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree, told by its size and root, of the journal that is called `origin`."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The signed part of its note."""
        return f"{self.origin}\n{self.size}\n{base64text.encode(self.root)}\n"


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_ID_BYTES]


def verifier_key(seed: bytes, name: str) -> str:
    """The public key in the spelling of C2SP: `name+hex(key id)+base64(algorithm ‖ key)`."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return f"{name}+{_key_id(name, public).hex()}+{base64text.encode(_ED25519 + public)}"


def sign_checkpoint(seed: bytes, checkpoint: Checkpoint) -> str:
    """The note of a checkpoint, signed under its origin's name. `seed` is that of the Ed25519 key."""
    return sign_text(seed, checkpoint.origin, checkpoint.text())


def sign_text(seed: bytes, name: str, text: str) -> str:
    """A note: a text of whole lines with a signature under this name."""
    if not _NAME.fullmatch(name):
        raise BadNote("a name holds no blank and no plus")
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signed = _key_id(name, key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"{text}\n\u2014 {name} {base64text.encode(signed)}\n"


def open_checkpoint(note: str, verifier: str) -> Checkpoint:
    """The checkpoint of a note, if the key `verifier` signed it. Raises BadNote otherwise."""
    name, public = _public(verifier)
    checkpoint = _checkpoint(_open(note, name, public))
    if checkpoint.origin != name:
        raise BadNote("the checkpoint is another journal's")
    return checkpoint


def open_text(note: str, verifier: str) -> str:
    """The text of a note, if the key `verifier` signed it. Raises BadNote otherwise."""
    return _open(note, *_public(verifier))


def _parts(note: str) -> tuple[str, str]:
    """The signed text and the lines of the signatures."""
    text, found, signatures = note.rpartition("\n\n")
    if not found or not signatures.endswith("\n"):
        raise BadNote("this is no signed note")
    return text + "\n", signatures.removesuffix("\n")


def _open(note: str, name: str, public: bytes) -> str:
    text, signatures = _parts(note)
    signed = [_SIGNATURE.fullmatch(line) for line in signatures.split("\n")]
    if not all(signed):
        raise BadNote("a line of the signatures cannot be read")
    ours = [_decoded(one[2]) for one in signed if one and one[1] == name]
    if not any(_verifies(public, name, one, text.encode()) for one in ours):
        raise BadNote("the key has not signed this note")
    return text


def _verifies(public: bytes, name: str, signature: bytes, text: bytes) -> bool:
    if signature[:_ID_BYTES] != _key_id(name, public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature[_ID_BYTES:], text)
    except InvalidSignature:
        return False
    return True


def _checkpoint(text: str) -> Checkpoint:
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < _BODY_LINES or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise BadNote("this is no checkpoint")
    root = _decoded(lines[2])
    if len(root) != _HASH_BYTES:
        raise BadNote("this is no checkpoint")
    return Checkpoint(lines[0], int(lines[1]), root)


def _public(verifier: str) -> tuple[str, bytes]:
    name, _, rest = verifier.strip().partition("+")
    id_, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    if not _NAME.fullmatch(name) or key[:1] != _ED25519 or len(key) != 1 + _HASH_BYTES:
        raise BadNote("this is no verifier key")
    if _key_id(name, key[1:]).hex() != id_:
        raise BadNote("this verifier key has another id")
    return name, key[1:]


def _decoded(text: str) -> bytes:
    """Base64 in its one spelling: no bit of a note can be another and the note still be good."""
    try:
        return base64text.decode(text)
    except ValueError:
        raise BadNote("this is not base64") from None
