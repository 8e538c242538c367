"""Paging: an opaque cursor that only we can have written, and a limit that is brought into its range.

Opaque is not secret: a cursor holds the place in the order of a list, never an identifier.
"""

import hmac
import json
import re
from typing import Any, Final

from app.api.problems import EdgeError
from app.api.validation import field_error
from app.crypto import base64url

LIMIT: Final = 100
MOST_ITEMS: Final = 1000

_TAG_BYTES: Final = 16
_LONGEST: Final = 1024
_WHOLE_NUMBER = re.compile("(-?)0*([0-9]{1,18})")


def seal_cursor(key: bytes, values: dict[str, Any]) -> str:
    """Base64url of a truncated HMAC-SHA-256 (RFC 2104 section 5) and the values as JSON."""
    body = json.dumps(values, separators=(",", ":"), sort_keys=True).encode()
    return base64url.encode(_tag(key, body) + body)


def open_cursor(key: bytes, text: str) -> dict[str, Any]:
    """The values that were sealed. Raises EdgeError BAD_CURSOR for anything else."""
    if len(text) > _LONGEST or not text.isascii():
        raise EdgeError("BAD_CURSOR")
    try:
        sealed = base64url.decode(text)
    except ValueError:
        raise EdgeError("BAD_CURSOR") from None
    tag, body = sealed[:_TAG_BYTES], sealed[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, body)):
        raise EdgeError("BAD_CURSOR")
    values: dict[str, Any] = json.loads(body)
    return values


def limit_of(raw: str | None) -> int:
    """`?limit=` brought into 1…1000. Raises EdgeError VALIDATION for what is not a whole number."""
    return LIMIT if raw is None else min(max(whole_number(raw, "limit"), 1), MOST_ITEMS)


def whole_number(raw: str, name: str) -> int:
    """A parameter of the query that will be brought into its range. Raises EdgeError VALIDATION for what is
    not a whole number."""
    if not (number := _WHOLE_NUMBER.fullmatch(raw)):
        raise EdgeError("VALIDATION", errors=[field_error("int_parsing", ("query", name))])
    return int(number[1] + number[2])


def _tag(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, b"sparr cursor 1\0" + body, "sha256")[:_TAG_BYTES]
