"""A long list in a body, read where it stands: without an object for each of its items.

Only lists of a very plain form are read so. What remains of the body without the items goes through the
strict check and the schema like every body; whatever is in any doubt is None here, and is read whole.
"""

import re
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.api.strict_json import MOST_VALUES
from app.domain.column import WIDEST, Bytes, Column, Rows
from app.usecases.sent_items import TYPES, SentItems

_QUOTE: Final = ord('"')
_FIRST_PRINTABLE: Final = 0x20
_END: Final = 0x1F
_SPELLINGS: Final = ('{"type":"%s","value":"', '{"type": "%s", "value": "')


def part_list(raw: bytes, name: str) -> tuple[bytes, SentItems] | None:
    """Part a body into the body with an empty list and the items of the list called `name`.

    What is given back is proven as far as the list goes: if the first part is strict JSON and its one
    `name` is an empty list, the body is strict JSON, and these are the items of that list. Between the
    brackets there is no escape and no control character, so that a text ends at the next quotation mark, and
    every byte outside of the texts is looked at.
    """
    key = _key(name).search(raw)
    end = raw.find(b"]", key.end()) if key else -1
    if key is None or end < 0 or b"\\" in raw or _too_many(raw):
        return None
    listed, rest = raw[key.end() : end], raw[: key.end()] + raw[end:]
    if rest.count(key[1]) != 1 or not _is_text(listed):
        return None
    items = _items(listed)
    return None if items is None else (rest, items)


@lru_cache(maxsize=8)
def _key(name: str) -> re.Pattern[bytes]:
    return re.compile(rb'("%b")[ \t\r\n]*:[ \t\r\n]*\[' % re.escape(name.encode()))


def _too_many(raw: bytes) -> bool:
    return len(raw) > MOST_VALUES and raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MOST_VALUES


def _is_text(listed: bytes) -> bool:
    """UTF-8 without a control character; not empty."""
    try:
        listed.isascii() or listed.decode()
    except UnicodeDecodeError:
        return False
    return bool(listed) and int(np.frombuffer(listed, np.uint8).min()) >= _FIRST_PRINTABLE


def _items(listed: bytes) -> SentItems | None:
    """The texts and typed texts between two brackets, if nothing else stands there."""
    if b"{" in listed:
        listed = _marked(listed)
    data = np.frombuffer(listed + bytes(WIDEST), np.uint8)
    quotes = np.flatnonzero(data == _QUOTE)
    opens, closes = quotes[::2], quotes[1::2]
    if len(opens) != len(closes) or not len(quotes) or opens[0] or closes[-1] != len(listed) - 1:
        return None
    if not _only_commas(data, opens, closes):
        return None
    first = data[opens + 1]
    typed = first < len(TYPES)
    controls = int(np.count_nonzero(data[: len(listed)] < _FIRST_PRINTABLE))
    if controls != 2 * int(typed.sum()) or not bool((typed == (data[closes - 1] == _END)).all()):
        return None
    column = Column(data, opens + 1 + typed, closes - opens - 1 - 2 * typed)
    return SentItems(column, np.where(typed, first, 0).astype(np.uint8))


def _marked(listed: bytes) -> bytes:
    """`{"type":"email","value":"…"}` as a text between two control characters, of which there are none else:
    the first is the place of the type in TYPES. It could be written back, and so says the same."""
    for code, type_ in enumerate(TYPES):
        for spelling in _SPELLINGS if type_ else ():
            listed = listed.replace((spelling % type_).encode(), b'"%c' % code)
    return listed.replace(b'"}', b'%c"' % _END)


def _only_commas(data: Bytes, opens: NDArray[np.intp], closes: NDArray[np.intp]) -> bool:
    """Whether between any two texts there is a comma, or a comma and a space."""
    between = opens[1:] - closes[:-1] - 1
    wide = int(between[0]) if len(between) else 1
    commas: Rows = data[closes[:-1] + 1] == ord(",")
    spaces: Rows = data[closes[:-1] + 2] == ord(" ")
    alike = bool((between == wide).all()) and bool(commas.all())
    return alike and (wide == 1 or (wide == len(", ") and bool(spaces.all())))
