"""The secrets of one registry, kept outside its database: a stolen database alone must give back nothing."""

import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from app.crypto import base64url
from app.crypto.public_keys import checked_jwk, public_jwk
from app.domain.refusals import OperatorError

_SECRET_BYTES: Final = 32
_JOURNAL_KEY: Final = "journal_key"
_SECRETS: Final = ("fingerprint_key", "master_key", "credential_key", "cursor_key", _JOURNAL_KEY)
_SIGNING_KEYS: Final = ("token_key", "receipt_key")
_FIELDS: Final = frozenset({*_SECRETS, *_SIGNING_KEYS, "fingerprint_version", "retired_public"})
_WHILE_CHANGING: Final = ("coming_master_key", "former_master_key")
_EARLIER_LINKS: Final = "earlier_link_keys"
_MAY_LACK: Final = frozenset({*_WHILE_CHANGING, _EARLIER_LINKS})


class BadKeyRing(OperatorError, ValueError):  # noqa: N818 - named for what is wrong, as BadToken is
    """A key ring that must not be used. The message names the field or the file, never a value."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An ES256 key (P-256). `kid` is the RFC 7638 thumbprint of its public part, so use `from_pem`."""

    kid: str
    private_pem: str = field(repr=False)
    created_at: datetime

    @classmethod
    def generate(cls) -> Self:
        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return cls.from_pem(pem.decode("ascii"), datetime.now(UTC).replace(microsecond=0))

    @classmethod
    def from_pem(cls, private_pem: str, created_at: datetime) -> Self:
        return cls(public_jwk(_p256(private_pem))["kid"], private_pem, created_at)

    def public_jwk(self) -> dict[str, str]:
        return public_jwk(_p256(self.private_pem))


def _p256(private_pem: str) -> ec.EllipticCurvePublicKey:
    try:
        private = load_pem_private_key(private_pem.encode("ascii"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise BadKeyRing("a signing key must be an unencrypted P-256 private key in PEM")
    return private.public_key()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys of 32 bytes are for AES-256 or HMAC-SHA256, but `journal_key`, the seed of an Ed25519 key (RFC
    8032); each has one use.

    `retired_public` holds public JWKs of earlier signing keys, whose receipts must stay verifiable for ever.
    While the master key is exchanged there are two, of which `master_key` wraps and both unwrap. What
    unsubscribe links were sealed with before is kept in `earlier_link_keys`: nobody can call letters back.
    """

    fingerprint_key: bytes = field(repr=False)
    fingerprint_version: int
    master_key: bytes = field(repr=False)
    credential_key: bytes = field(repr=False)
    cursor_key: bytes = field(repr=False)
    token_key: SigningKey
    receipt_key: SigningKey
    journal_key: bytes = field(repr=False)
    retired_public: tuple[dict[str, str], ...] = ()
    coming_master_key: bytes | None = field(default=None, repr=False)
    former_master_key: bytes | None = field(default=None, repr=False)
    earlier_link_keys: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for name in _SECRETS:
            if len(getattr(self, name)) != _SECRET_BYTES:
                raise BadKeyRing(f"{name} must be {_SECRET_BYTES} bytes")
        others = [getattr(self, name) for name in _WHILE_CHANGING]
        if any(len(key) != _SECRET_BYTES for key in (*others, *self.earlier_link_keys) if key is not None):
            raise BadKeyRing(f"{', '.join(sorted(_MAY_LACK))} must be {_SECRET_BYTES} bytes each")
        if None not in others:
            raise BadKeyRing("a master key is coming while another one is still former")
        if self.fingerprint_version < 1:
            raise BadKeyRing("fingerprint_version must be at least 1")

    @staticmethod
    def generate() -> "KeyRing":
        return KeyRing(
            fingerprint_key=token_bytes(_SECRET_BYTES),
            fingerprint_version=1,
            master_key=token_bytes(_SECRET_BYTES),
            credential_key=token_bytes(_SECRET_BYTES),
            cursor_key=token_bytes(_SECRET_BYTES),
            token_key=SigningKey.generate(),
            receipt_key=SigningKey.generate(),
            journal_key=token_bytes(_SECRET_BYTES),
        )

    def public_jwks(self) -> list[dict[str, str]]:
        """List what the JWKS document shows: the keys in use first, then the retired ones."""
        return [self.token_key.public_jwk(), self.receipt_key.public_jwk(), *self.retired_public]

    def to_json(self) -> str:
        """Write the ring with every secret in clear, for a file or a secret store."""
        ring: dict[str, Any] = {name: base64url.encode(getattr(self, name)) for name in _SECRETS}
        for name in _SIGNING_KEYS:
            key: SigningKey = getattr(self, name)
            ring[name] = {"private_pem": key.private_pem, "created_at": key.created_at.isoformat()}
        ring["fingerprint_version"] = self.fingerprint_version
        ring["retired_public"] = list(self.retired_public)
        changing = {name: getattr(self, name) for name in _WHILE_CHANGING}
        ring |= {name: base64url.encode(key) for name, key in changing.items() if key is not None}
        if self.earlier_link_keys:
            ring[_EARLIER_LINKS] = [base64url.encode(key) for key in self.earlier_link_keys]
        return json.dumps(ring, indent=2)

    @staticmethod
    def from_json(text: str) -> "KeyRing":
        try:
            ring = json.loads(text)
        except (ValueError, RecursionError):
            # The cause is cut off because a JSON error carries the whole text.
            raise BadKeyRing("the key ring is not JSON") from None
        if not isinstance(ring, dict):
            raise BadKeyRing("the key ring is not a JSON object")
        if missing := sorted(_FIELDS - ring.keys()):
            raise BadKeyRing(f"the key ring lacks {', '.join(missing)}")
        if ring.keys() - _FIELDS - _MAY_LACK:
            raise BadKeyRing("the key ring has a field that this version does not know")
        return KeyRing(
            fingerprint_key=_secret(ring, "fingerprint_key"),
            fingerprint_version=_version(ring),
            master_key=_secret(ring, "master_key"),
            credential_key=_secret(ring, "credential_key"),
            cursor_key=_secret(ring, "cursor_key"),
            token_key=_signing_key(ring, "token_key"),
            receipt_key=_signing_key(ring, "receipt_key"),
            journal_key=_secret(ring, _JOURNAL_KEY),
            retired_public=_retired(ring),
            coming_master_key=_secret(ring, "coming_master_key") if "coming_master_key" in ring else None,
            former_master_key=_secret(ring, "former_master_key") if "former_master_key" in ring else None,
            earlier_link_keys=_link_keys(ring),
        )


def _secret(ring: Mapping[str, Any], name: str) -> bytes:
    try:
        return base64url.decode(ring[name])
    except (ValueError, TypeError):
        raise BadKeyRing(f"{name} must be base64url without padding") from None


def _signing_key(ring: Mapping[str, Any], name: str) -> SigningKey:
    try:
        created_at = datetime.fromisoformat(ring[name]["created_at"])
        key = SigningKey.from_pem(ring[name]["private_pem"], created_at)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadKeyRing(f"{name} must have private_pem (P-256) and created_at") from None
    if created_at.utcoffset() is None:
        raise BadKeyRing(f"{name}.created_at must have a zone")
    return key


def _version(ring: Mapping[str, Any]) -> int:
    version = ring["fingerprint_version"]
    if type(version) is not int:
        raise BadKeyRing("fingerprint_version must be an integer")
    return version


def _retired(ring: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    jwks = ring["retired_public"]
    if not isinstance(jwks, list):
        raise BadKeyRing("retired_public must be a list of public JWKs")
    try:
        return tuple(checked_jwk(jwk) for jwk in jwks)
    except ValueError as refused:
        raise BadKeyRing(f"retired_public: {refused}") from None


def _link_keys(ring: Mapping[str, Any]) -> tuple[bytes, ...]:
    try:
        return tuple(base64url.decode(key) for key in ring.get(_EARLIER_LINKS, []))
    except (ValueError, TypeError):
        raise BadKeyRing(f"{_EARLIER_LINKS} must be a list of keys in base64url") from None


def replace_ring(path: Path, before: KeyRing, after: KeyRing) -> None:
    """Put a changed ring in the place of the one that was read. BadKeyRing when somebody else was quicker."""
    with _locked_folder(path.parent) as folder:
        if KeyRing.from_json(_read_private(path)) != before:
            raise BadKeyRing("the key ring was changed meanwhile")
        _written(path, folder, after)


def load_or_create(path: Path) -> KeyRing:
    """Read the ring, or make one (mode 0600) that is either whole on the disk or not there at all.

    A file that its group or others may touch is refused with BadKeyRing. Two processes that start at the
    same time get the same ring: the second waits and reads what the first wrote. A ring from before there
    was a journal gets the key of one, and keeps all others as they are.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked_folder(path.parent) as folder:
        try:
            text = _read_private(path)
        except FileNotFoundError:
            return _written(path, folder, KeyRing.generate())
        whole = _with_journal_key(text)
        ring = KeyRing.from_json(whole)
        return ring if whole == text else _written(path, folder, ring)


def _written(path: Path, folder: int, ring: KeyRing) -> KeyRing:
    _write_private(path, ring.to_json())
    os.fsync(folder)
    return ring


def _with_journal_key(text: str) -> str:
    """The text of a ring, with a new key for the journal if that is all that it lacks."""
    try:
        ring = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(ring, dict) or _FIELDS - ring.keys() != {_JOURNAL_KEY}:
        return text
    return json.dumps({**ring, _JOURNAL_KEY: base64url.encode(token_bytes(_SECRET_BYTES))})


@contextmanager
def _locked_folder(path: Path) -> Iterator[int]:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(folder)


def _read_private(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        # The open file is asked, not the path: a path could be exchanged in between.
        if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadKeyRing("the key file must be readable by its owner alone (chmod 600)")
        return file.read()


def _write_private(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
