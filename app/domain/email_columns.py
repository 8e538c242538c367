"""E-mail addresses by the thousand: which texts are canonical already, as `already_canonical` judges one.

Every pair of neighbouring characters is looked up in a table of what may follow what, before the commercial
at and behind it. Tests compare the outcome with the pattern for a single address.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from numpy.typing import NDArray

from app.domain.column import Bytes, Column, Indices, Rows, positions

_LONGEST: Final = 63
"""No label of an address that short is too long; a longer address is read by itself."""

_LETTER, _DIGIT, _HYPHEN, _UNDERSCORE, _DOT, _AT, _BORDER = range(1, 8)
_DOMAIN: Final = 8
"""Added to the class of whatever stands behind the commercial at."""

_LABEL: Final = 8
"""So many bytes of the last label are compared with the reserved names."""


def canonical_emails(column: Column) -> Rows:
    """For which texts of at most 63 characters `already_canonical` holds. A last label that begins like a
    reserved name of eight letters or more is left to be read by itself."""
    if not len(column):
        return np.zeros(0, np.bool_)
    text, starts = _run(column)
    ends = starts + column.lengths
    classes, at_signs = _classified(text, starts, ends)
    pairs = classes[:-1] * np.uint8(16) + classes[1:]
    wrong = np.flatnonzero(np.frombuffer(pairs.tobytes().translate(_forbidden()), np.bool_))
    stops = np.flatnonzero((classes != _DOMAIN + _LETTER) & (classes != _BORDER))
    last_stop = np.append(stops, 0)[np.searchsorted(stops, ends) - 1]
    top = ends - last_stop - 1
    found: Rows = (
        (column.lengths <= _LONGEST) & (at_signs == 1) & (classes[last_stop] == _DOMAIN + _DOT) & (top > 1)
    )
    found[np.searchsorted(starts, wrong + 1, "right") - 1] = False
    found[found] = ~_reserved(column.at(found), top[found])
    return found


def _run(column: Column) -> tuple[Bytes, Indices]:
    """Bytes in which the texts stand in their order, with one byte between any two, before the first and
    behind the last; and where they start there."""
    gaps = column.starts[1:] - column.starts[:-1] - column.lengths[:-1]
    if bool((gaps == 1).all()):
        first = int(column.starts[0]) - 1
        last = int(column.starts[-1] + column.lengths[-1]) + 1
        return column.data[first:last], column.starts - first
    lengths = column.lengths + 1
    places = np.repeat(column.starts - 1, lengths) + positions(lengths)
    return np.append(column.data[places], np.uint8(0)), np.cumsum(lengths) - column.lengths


def _classified(text: Bytes, starts: Indices, ends: Indices) -> tuple[Bytes, Indices]:
    """The class of each byte, and how many commercial ats each text has."""
    classes = np.frombuffer(bytearray(text.tobytes().translate(_classes())), np.uint8)
    classes[0] = _BORDER
    classes[ends] = _BORDER
    at = np.flatnonzero(classes == _AT)
    counts = np.bincount(np.searchsorted(starts, at, "right") - 1, minlength=len(starts))
    behind = np.zeros(len(text) + 1, np.uint8)
    behind[at + 1] = 1
    # Modulo 256, like the sum itself: whatever one text adds is gone before the next.
    behind[ends] -= counts.astype(np.uint8)
    classes += (behind.cumsum(dtype=np.uint8)[:-1] != 0) * np.uint8(_DOMAIN)
    return classes, counts


def _reserved(column: Column, top: Indices) -> Rows:
    """Whether the last label, of `top` characters, begins like a name reserved for special use (RFC 6761)."""
    labels = (
        Column(column.data, column.starts + column.lengths - top, top).windows(_LABEL).view(np.uint64)[:, 0]
    )
    return np.isin(labels & _first_bytes()[np.minimum(top, _LABEL)], _reserved_labels())


@lru_cache(maxsize=1)
def _reserved_labels() -> NDArray[np.uint64]:
    names = {name.rpartition(".")[2].encode()[:_LABEL] for name in SPECIAL_USE_DOMAIN_NAMES}
    return np.frombuffer(b"".join(name.ljust(_LABEL, b"\0") for name in names), np.uint64)


@lru_cache(maxsize=1)
def _first_bytes() -> NDArray[np.uint64]:
    """By length, what leaves so many bytes of eight and blanks the others."""
    masks = b"".join((b"\xff" * length).ljust(_LABEL, b"\0") for length in range(_LABEL + 1))
    return np.frombuffer(masks, np.uint64)


@lru_cache(maxsize=1)
def _classes() -> bytes:
    table = bytearray(256)
    for characters, found in (
        (b"abcdefghijklmnopqrstuvwxyz", _LETTER),
        (b"0123456789", _DIGIT),
        (b"-", _HYPHEN),
        (b"_", _UNDERSCORE),
        (b".", _DOT),
        (b"@", _AT),
    ):
        for character in characters:
            table[character] = found
    return bytes(table)


@lru_cache(maxsize=1)
def _forbidden() -> bytes:
    """1 for each pair that no canonical address has: RFC 5322 dot-atoms, then ordinary labels."""
    atom = (_LETTER, _DIGIT, _HYPHEN, _UNDERSCORE)
    letter, digit, hyphen, dot = (_DOMAIN + one for one in (_LETTER, _DIGIT, _HYPHEN, _DOT))
    follows: dict[int, tuple[int, ...]] = {
        _BORDER: atom,
        _DOT: atom,
        **dict.fromkeys(atom, (*atom, _DOT, _AT)),
        _AT: (letter, digit),
        letter: (letter, digit, hyphen, dot, _BORDER),
        digit: (letter, digit, hyphen, dot),
        hyphen: (letter, digit),
        dot: (letter, digit),
    }
    table = bytearray(b"\1" * 256)
    for first, seconds in follows.items():
        for second in seconds:
            table[first * 16 + second] = 0
    return bytes(table)
