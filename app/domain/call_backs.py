"""A provider's call-back, and what it says: whose wish, or none.

A provider reports what a person did there. Only the wish to hear no more is taken in (GDPR Art. 21(2)-(3));
that somebody came back to a provider's list never lifts an objection here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
"""JSON can spell halves of characters, which no UTF-8 text can hold."""


class Meaning(StrEnum):
    """What one message says. Only an opt-out makes an entry; everything else is counted in the journal."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    NOT_UNDERSTOOD = "not_understood"
    NO_WISH = "no_wish"


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """A call-back as it came: the URL that the provider was given, headers with names in lower case, raw
    body."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """One message of a call-back. `message_id` is the provider's own; the identifier is as the provider wrote
    it."""

    message_id: str
    meaning: Meaning
    channel: str
    identifier_type: str
    identifier: str
    occurred_at: datetime | None = None


class UnreadableCallError(ValueError):
    """A call-back of a known provider whose content is not what that provider documents."""


class Way(Protocol):
    """One file in `app/intake/` per way, found by discovery. `source` is permanent.

    `secrets` lists the sets of names of which a connection has one. `reply` is sent back as it is, with its
    media type: several providers would send a text to the person.
    """

    @property
    def source(self) -> str: ...

    @property
    def secrets(self) -> Sequence[frozenset[str]]: ...

    @property
    def reply(self) -> tuple[str, str | None]: ...

    def verify(self, call: Call, secrets: Mapping[str, str]) -> bool:
        """Whether the provider sent this, by the provider's own scheme. Never raises."""
        ...

    def read(self, call: Call) -> Sequence[Draft]:
        """What a verified call-back says. Raises UnreadableCallError."""
        ...


def required(fields: Mapping[str, object], name: str) -> str:
    """A field of text that the provider always sends. Raises UnreadableCallError."""
    value = fields.get(name)
    if not isinstance(value, str) or not value or _SURROGATES.search(value):
        raise UnreadableCallError(name)
    return value


def moment(value: object) -> datetime | None:
    """A time that a provider wrote with its offset; None for anything else: it is only said beside the
    wish."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return read if read and read.tzinfo else None
