"""Phone numbers by the thousand: which texts are read without the library, and as what.

The same table as for a single number (`already_canonical`), laid out by the first five digits; tests compare
both with each other and with the library. Whatever is not recognised here is read one by one.
"""

from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.column import Column, Rows, positions
from app.domain.identifier import country_of
from app.domain.identifiers.phone import RANGES, Range

_LEADING: Final = 5
"""No row of the table looks at more digits than these, country code included, before "any digit"."""

_WIDTH: Final = 16
"""A plus and 15 digits (ITU-T E.164 §6)."""

_SPACED_WIDTH: Final = 32
_TRUNK_ZERO: Final = {"SE": b"+46"}
"""Where a zero before the number stands for the country code; for each of these the test compares every
covered number in national form with the library."""

_PLUS, _ZERO, _SPACE, _HYPHEN = b"+0 -"
_NINE: Final = 9
_POWERS: Final = np.array([10 ** (_LEADING - 1 - place) for place in range(_LEADING)], np.int32)


def canonical_phones(column: Column) -> Rows:
    """For which texts `already_canonical` holds."""
    lengths = np.minimum(column.lengths, _WIDTH + 1)
    window = column.windows(_WIDTH)
    digits = window - np.uint8(_ZERO)
    are_digits = (digits <= _NINE).view(np.uint64)
    needed = _digits_needed().take(lengths, axis=0)
    missing = (are_digits & needed) ^ needed
    fits = (window[:, 0] == _PLUS) & (needed[:, 0] != 0) & (missing[:, 0] | missing[:, 1] == 0)
    leading = digits[:, 1 : 1 + _LEADING] @ _POWERS
    leading[~fits] = 0
    listed: Rows = (_table()[leading] >> lengths.astype(np.uint32) & 1).astype(np.bool_)
    found: Rows = fits & listed
    return found


def spaced_phones(column: Column, region: str | None) -> tuple[Rows, Column]:
    """Numbers written with spaces and hyphens between their digits, or in national form for this region: for
    which texts `canonicalise` gives a number of the table, and these numbers."""
    code = _TRUNK_ZERO.get(country_of(region) or "")
    window = column.windows(_SPACED_WIDTH)
    inside = np.arange(_SPACED_WIDTH) < column.lengths[:, None]
    kept = inside & (window != _SPACE) & (window != _HYPHEN)
    last = window[np.arange(len(column)), np.clip(column.lengths - 1, 0, _SPACED_WIDTH - 1)]
    bordered = (column.lengths <= _SPACED_WIDTH) & (last != _SPACE) & (last != _HYPHEN)
    national = bordered & (window[:, 0] == _ZERO) & (code is not None)
    kept[national, 0] = False
    written = _written_out(window, kept, national, code or b"")
    read = canonical_phones(written) & bordered & (national | (window[:, 0] == _PLUS))
    return read, written.at(read)


def _written_out(window: NDArray[np.uint8], kept: Rows, national: Rows, code: bytes) -> Column:
    """The kept bytes of each row, with the country code before those of the national ones."""
    counts = kept.sum(axis=1)
    coded = np.where(national, len(code), 0)
    lengths = counts + coded
    starts = np.cumsum(lengths + 1) - lengths
    data = np.zeros(int((lengths + 1).sum()), np.uint8)
    data[np.repeat(starts + coded, counts) + positions(counts)] = window[kept]
    for place, character in enumerate(code):
        data[starts[national] + place] = character
    return Column.packed(data.tobytes(), lengths)


@lru_cache(maxsize=1)
def _digits_needed() -> NDArray[np.uint64]:
    """By length, 1 in each byte of a window that must be a digit; none for what cannot be a number."""
    possible = range(_LEADING + 1, _WIDTH + 1)
    rows = [b"\0" + b"\1" * (length - 1) if length in possible else b"" for length in range(_WIDTH + 2)]
    return np.frombuffer(b"".join(row.ljust(_WIDTH, b"\0") for row in rows), np.uint64).reshape(-1, 2)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """By the first digits, one bit for each length, plus included, that makes a number of the table."""
    table = np.zeros(10**_LEADING, np.uint32)
    for row in RANGES:
        free = _LEADING - len(row.code)
        for rest in map("".join, product("0123456789", repeat=free)):
            table[int(row.code + rest)] |= _lengths(row, rest)
    return table


def _lengths(row: Range, rest: str) -> int:
    found = row.leads(rest)
    if found is None:
        return 0
    least = len("+") + len(row.code) + found + row.fewest
    return sum(1 << length for length in range(least, least + row.most - row.fewest + 1))
