"""What every schema of the API stands on."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

MIB = 1024 * 1024
BODY_BYTES = MIB
LARGE_BODY_BYTES = 16 * MIB
"""The bodies of lookups and batches."""

LOOKUP_IDENTIFIERS = 50_000
BATCH_ITEMS = 10_000
TEXT_CHARACTERS = 500
POSITION_CHARACTERS = 128


class _Silent(BaseModel):
    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Nothing: a body can hold identifiers, and personal data has no printable form."""
        return []


class Request(_Silent):
    """A body that is sent to us: unknown fields are refused, and a text is not taken for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Answer(_Silent):
    """A body that we send; without defaults, so that every field is always there."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def limited(most: int, least: int = 0) -> Any:
    """The bounds of a list, to stand beside its type: `limited(100)`.

    The first wrong item ends the reading: an error for each of 50,000 would be an answer of megabytes.
    """
    return Field(min_length=least, max_length=most, fail_fast=True)


Text500 = Annotated[
    str,
    Field(
        min_length=1,
        max_length=TEXT_CHARACTERS,
        pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$",
    ),
]
"""Free text, such as a reason or reference: 1 to 500 characters, no control characters or line ends."""


_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?"
)


def read_time(value: object) -> datetime:
    """RFC 3339 section 5.6, in UTC; without an offset it is nobody's time, and refused. Digits below the
    microsecond are dropped, and a leap second is not known to exist (section 5.7)."""
    if isinstance(value, str):
        if not (spelling := _RFC3339.fullmatch(value)):
            raise PydanticCustomError("time_format", "not an RFC 3339 time")
        if spelling[2] is None:
            raise PydanticCustomError("time_without_offset", "a time needs its offset")
    elif not isinstance(value, datetime) or value.utcoffset() is None:
        raise PydanticCustomError("time_format", "not an RFC 3339 time")
    try:
        time = datetime.fromisoformat(value.upper()) if isinstance(value, str) else value
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("time_format", "not an RFC 3339 time") from None


def write_time(time: datetime) -> str:
    """`2026-11-21T12:00:00Z`, with a fraction only when it is not a whole second."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


Time = Annotated[
    datetime,
    BeforeValidator(read_time),
    PlainSerializer(write_time, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment, aware and in UTC."""
