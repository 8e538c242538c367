"""The people of a data set: made from their numbers alone, so that nothing has to be kept.

Person n has one identifier: every fifth an e-mail address, the others a Swedish mobile number. People with an
entry come first, so whoever has a number beyond the entries is in nobody's list.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 50_000_000
STRANGERS: Final = 25_000_000
"""From here on nobody ever gets an entry by loading."""
NEWCOMERS: Final = 40_000_000
"""From here on people object while a benchmark runs."""

Numbers = NDArray[np.int64]

_EMAIL_EACH: Final = 5
_STRIDE: Final = 27_182_817
_AREAS: Final = np.array([70, 72, 73, 76, 79], np.int64)
_OF_AN_AREA: Final = 10_000_000
_LARGEST_SHARE: Final = 0.18
_SKEW: Final = 0.8


def has_email(people: Numbers) -> NDArray[np.bool_]:
    """Whose identifier is an e-mail address."""
    return np.equal(people % _EMAIL_EACH, _EMAIL_EACH - 1)


def phone_numbers(people: Numbers) -> list[str]:
    """In E.164; the stride shares no factor with their count, so no two have the same."""
    place = people * _STRIDE % MOST
    digits = 46_000_000_000 + _AREAS[place // _OF_AN_AREA] * _OF_AN_AREA + place % _OF_AN_AREA
    return [f"+{number}" for number in digits.tolist()]


def emails(people: Numbers) -> list[str]:
    """All of one length."""
    return [f"person{number:08}@example.com" for number in people.tolist()]


def national(number: str) -> str:
    """An E.164 number as it is written at home."""
    return f"0{number[3:5]}-{number[5:8]} {number[8:10]} {number[10:12]}"


def ranks(people: Numbers, lists: int) -> Numbers:
    """In whose list each stands: one list has 18 % of all entries, the others ever fewer (Zipf, 0.8)."""
    rest = 1 / np.arange(1, lists, dtype=np.float64) ** _SKEW
    shares = np.concatenate(([_LARGEST_SHARE], rest / rest.sum() * (1 - _LARGEST_SHARE)))
    mixed = people.astype(np.uint64) * np.uint64(0x9E37_79B9_7F4A_7C15)
    place = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
    return np.minimum(np.searchsorted(np.cumsum(shares), place, side="right"), lists - 1)


def members(rank: int, lists: int, entries: int) -> Numbers:
    """Everybody in one list."""
    found = [
        people[ranks(people, lists) == rank]
        for people in (
            np.arange(first, min(first + 1_000_000, entries)) for first in range(0, entries, 1_000_000)
        )
    ]
    return np.concatenate(found)


def asked(
    listed: Sequence[str], strangers: Sequence[str], count: int, share: float, chance: np.random.Generator
) -> tuple[list[str], int]:
    """A list to wash: `count` identifiers, this share of them from a list, in any order; and how many hit."""
    hits = round(count * share)
    chosen = [listed[n] for n in chance.integers(len(listed), size=hits)]
    chosen += [strangers[n] for n in chance.integers(len(strangers), size=count - hits)]
    return [chosen[n] for n in chance.permutation(count)], hits
