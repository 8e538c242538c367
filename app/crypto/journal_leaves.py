"""The leaves of the journal: what each says openly, and what it commits to.

A leaf is canonical JSON: the event's id, kind and time, pseudonyms of the controllers concerned, and a
commitment. Under the commitment lie the digests of all rows that the event wrote, by table and key, and each
digest is over the row's values. All of them are salted with 32 random bytes of the event's own: what a row
holds can partly be guessed, and without the salt no guess can be tried.

Canonical is: members sorted by name, no blanks, UTF-8 (as RFC 8785 has it; integers may be of any size). A
member without a value is left out of a row, so that a column which a later version adds leaves old rows as
they were.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from app.crypto import base64text
from app.domain.journalled import JOURNALLED

SALT_BYTES: Final = 32
VERSION: Final = 1

Digests = Mapping[str, Mapping[str, str]]
"""Table, key of the row, digest of its values in base64."""


@dataclass(frozen=True, slots=True)
class JournalledEvent:
    """What a leaf says openly. `controllers` are pseudonyms, sorted."""

    id: UUID
    kind: str
    at: datetime
    controllers: tuple[str, ...]


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_LEAF: Final = re.compile(
    rb'\{"at":"[^"\\]*","commitment":"([A-Za-z0-9+/=]+)","controllers":\[[^]\\]*\],'
    rb'"event":"([0-9a-f-]+)","kind":"[^"\\]*","v":1\}'
)


def canonical(value: Any) -> bytes:
    """A JSON value as the bytes that are hashed."""
    return _ENCODER.encode(value).encode()


def row_key(table: str, row: Mapping[str, Any]) -> str:
    """The name of a row within its table: the values of its primary key."""
    return ",".join(str(row.get(column)) for column in JOURNALLED[table])


def row_digest(salt: bytes, table: str, row: Mapping[str, Any]) -> str:
    """The salted digest of a row's values, in base64."""
    values = canonical({name: value for name, value in row.items() if value is not None})
    return base64text.encode(sha256(salt + table.encode() + b"\0" + values).digest())


def digests_of(salt: bytes, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, dict[str, str]]:
    """The digests of an event's rows, each given with its table."""
    found: dict[str, dict[str, str]] = {}
    for table, row in rows:
        found.setdefault(table, {})[row_key(table, row)] = row_digest(salt, table, row)
    return found


def commitment(salt: bytes, digests: bytes) -> str:
    """The commitment to an event's digests (canonical JSON), in base64."""
    return base64text.encode(sha256(salt + b"event\0" + digests).digest())


def leaf_of(event: JournalledEvent, committed: str) -> bytes:
    """The leaf of an event."""
    return canonical(
        {
            "v": VERSION,
            "event": str(event.id),
            "kind": event.kind,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "controllers": list(event.controllers),
            "commitment": committed,
        }
    )


def read_leaf(leaf: bytes) -> tuple[str, str]:
    """The event of a leaf and what it commits to. Raises ValueError for what `leaf_of` never made."""
    match = _LEAF.fullmatch(leaf)
    if match is None:
        raise ValueError("this is no leaf")
    return match[2].decode(), match[1].decode()
