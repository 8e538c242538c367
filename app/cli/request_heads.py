"""Which heads of requests are read at all (RFC 9112): what two programs could read in two ways is not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 16 * 1024
"""Of a request line and its fields together."""

TARGET_BYTES: Final = 8 * 1024
FIELDS: Final = 64
BODY_RATE: Final = 16 * 1024
"""Bytes a second that a body must bring, beyond the seconds that each has."""

_FIELD_ENDS: Final = len(": \r\n")
_ONCE: Final = frozenset(
    {b"host", b"content-length", b"transfer-encoding", b"authorization", b"idempotency-key"}
)
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may take: seconds for a head, seconds for a body, and how many there may be of it in
    a process."""

    head_seconds: float = 10.0
    body_seconds: float = 30.0
    connections: int = 800

    def seconds_for(self, size: int) -> float:
        """How long a body may have taken of which so many bytes have come."""
        return self.body_seconds + size / BODY_RATE


def fault_of(target: bytes, fields: Sequence[tuple[bytes, bytes]], version: str) -> str | None:
    """The code of what is wrong with a head, or None. Names of fields are in lower case."""
    if len(target) > TARGET_BYTES:
        return "URI_TOO_LONG"
    size = len(target) + sum(len(name) + len(value) + _FIELD_ENDS for name, value in fields)
    if len(fields) > FIELDS or size > HEAD_BYTES:
        return "HEADERS_TOO_LARGE"
    single = [field for field in fields if field[0] in _ONCE]
    found = dict(single)
    if len(found) != len(single) or not _HOST.fullmatch(found.get(b"host", b"")):
        return "BAD_REQUEST"
    framed = _framed(found.get(b"content-length"), found.get(b"transfer-encoding"), version)
    return None if framed else "BAD_REQUEST"


def _framed(length: bytes | None, coding: bytes | None, version: str) -> bool:
    """Whether everybody sees the body end at the same place (RFC 9112 section 6.3)."""
    if coding is None:
        return length is None or _LENGTH.fullmatch(length) is not None
    return length is None and coding.lower() == b"chunked" and version == "1.1"
