"""JSON that every reader understands alike (RFC 8259, I-JSON RFC 7493).

Where two parsers disagree, one of them can be shown another act than the one that is carried out; so what is
ambiguous is refused before anything reads it.
"""

import json
import re
from typing import Any, NoReturn

DEEPEST = 16
MOST_MEMBERS = 100
"""Of one object. No object of the contract comes near; each unknown member would be an error of its own."""

MOST_VALUES = 600_000
"""Of one document, counted by its punctuation: 16 MiB of `[],[],…` would take 400 MB when read. A batch
of 10,000 objections has about 200,000."""

_MOST_NAMES = 5_000
"""Between two braces. Reading one object is one step of the interpreter, in which nothing else can happen;
how many members it has is known afterwards."""

_CROWDED = "An object has too many members."
_LARGEST_INTEGER = 2**53 - 1
_NAME = re.compile(rb'"\s*:')
_ONE_BRACE = bytes.maketrans(b"}", b"{")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ROUND = bytes.maketrans(b"{}", b"[]")

# A NUL, a high surrogate without its low one, or a low one without its high one.
_BROKEN_ESCAPE = re.compile(
    rb"\\u0000"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)

# One escape after the other, so that an escaped backslash begins none and a whole pair is left alone.
_ESCAPES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<broken>\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_UNREADABLE = rb"\u0001"


class MalformedJson(ValueError):  # noqa: N818 -- the text is what is malformed; "error" would add nothing
    """Not strict JSON. The message is fixed text of ours and never repeats the input."""


def check(raw: bytes) -> None:
    """Raise MalformedJson unless `raw` is one strict JSON value: UTF-8 without byte order mark, no repeated
    member, no number that a double cannot hold, at most 16 deep, no NUL, no lone surrogate."""
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MOST_VALUES:
        raise MalformedJson("The document has too many values.")
    if _crowded(raw):
        raise MalformedJson(_CROWDED)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedJson("The document is not UTF-8.") from None
    if text.startswith("\ufeff"):
        raise MalformedJson("The document begins with a byte order mark.")
    try:
        _DECODER.decode(text)
    except RecursionError:
        raise MalformedJson("The document is nested too deeply.") from None
    except MalformedJson:
        raise
    except ValueError:
        raise MalformedJson("The document is not JSON.") from None
    if b"\\u" in raw and _BROKEN_ESCAPE.search(raw.replace(b"\\\\", b"")):
        raise MalformedJson("A text contains NUL or half a surrogate pair.")
    if _too_deep(raw):
        raise MalformedJson("The document is nested too deeply.")


def mended(raw: bytes) -> bytes:
    """The document with U+0001 in place of each NUL and each half of a surrogate pair that is spelt as an
    escape: a character that no text of the contract may hold, so that whatever holds it is refused alone."""
    # One byte is found many times faster than two.
    if b"\\" not in raw or b"\\u" not in raw:
        return raw
    return _ESCAPES.sub(lambda escape: _UNREADABLE if escape["broken"] else escape[0], raw)


def _too_deep(raw: bytes) -> bool:
    """Peel the innermost brackets off, as often as may be; the document is known to be JSON here."""
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return False
    outside_texts = raw.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    brackets = b"".join(outside_texts).translate(None, _NOT_BRACKETS).translate(_ROUND)
    for _ in range(DEEPEST):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _crowded(raw: bytes) -> bool:
    """Whether there are far too many names between two braces; texts can look like names, so not all too
    many are found here."""
    if raw.count(b":") <= _MOST_NAMES:
        return False
    runs = raw.translate(_ONE_BRACE).split(b"{")
    return any(run.count(b":") > _MOST_NAMES and len(_NAME.findall(run)) > _MOST_NAMES for run in runs)


def _members(pairs: list[tuple[str, Any]]) -> None:
    """Looks at one object and keeps nothing of it: the schema reads the document for itself."""
    if len(pairs) > MOST_MEMBERS:
        raise MalformedJson(_CROWDED)
    if len(dict(pairs)) != len(pairs):
        raise MalformedJson("An object has the same member twice.")


def _no_constant(_: str) -> NoReturn:
    raise MalformedJson("NaN and Infinity are not JSON.")


def _fraction(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise MalformedJson("A number is too large.")
    return number


def _integer(digits: str) -> int:
    if len(digits) > len("-9007199254740991") or abs(int(digits)) > _LARGEST_INTEGER:
        raise MalformedJson("A number is too large.")
    return int(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_no_constant, parse_float=_fraction, parse_int=_integer
)
