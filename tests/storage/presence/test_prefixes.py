"""The arrays of the index say of every fingerprint what a Python set says."""

from secrets import token_bytes

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.storage.presence.prefixes import EMPTY, Prefixes, merged, prefixes_of

LARGEST = 2**64 - 1
ENDS = [0, 1, 2**63 - 1, 2**63, LARGEST - 1]
words = st.one_of(st.integers(0, LARGEST - 1), st.sampled_from(ENDS), st.integers(0, 300))
"""Few collide by chance, so some are drawn where they must: near each other and at the ends."""


def array(numbers: list[int]) -> Prefixes:
    return np.array(numbers, np.uint64)


def said(held: list[int], asked: list[int]) -> list[bool]:
    answer: list[bool] = merged(array(held)).holds(array(asked)).tolist()
    return answer


@settings(max_examples=300, deadline=None)
@given(held=st.lists(words, max_size=400), strangers=st.lists(words, max_size=150))
def test_it_says_what_a_set_says(held: list[int], strangers: list[int]) -> None:
    asked = [*held[:100], *strangers]
    known = set(held)
    assert said(held, asked) == [one in known for one in asked]


@settings(max_examples=100, deadline=None)
@given(runs=st.lists(st.lists(words, max_size=60), min_size=1, max_size=4))
def test_what_is_merged_is_sorted_and_stands_once(runs: list[list[int]]) -> None:
    together = merged(*(array(run) for run in runs))
    assert together.prefixes.tolist() == sorted({one for run in runs for one in run})
    assert together.size == len(together.prefixes)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 63, 64, 65, 4_095, 4_096, 4_097, 100_000])
def test_every_size_finds_all_it_has_and_nothing_else(count: int) -> None:
    held = prefixes_of(token_bytes(16 * count))
    known = set(held.tolist())
    together = merged(held)
    for asked in (held, prefixes_of(token_bytes(16 * 5_000)), array(ENDS * 20)):
        assert together.holds(asked).tolist() == [one in known for one in asked.tolist()]


def test_fingerprints_that_all_begin_alike_are_found() -> None:
    """A key that is no secret would be needed to bring this about; it is slow then, and still right."""
    base = 0xABCDEF << 40
    held, asked = [base + 3 * n for n in range(5_000)], [base + n for n in range(15_000)]
    assert said(held, asked) == [n % 3 == 0 for n in range(15_000)]


def test_two_fingerprints_with_the_same_first_half_are_both_worth_a_fetch() -> None:
    first = token_bytes(8)
    held = merged(prefixes_of(first + token_bytes(8)))
    assert held.holds(prefixes_of(first + token_bytes(8))).tolist() == [True]


def test_the_largest_of_all_is_never_missed() -> None:
    assert said([LARGEST], [LARGEST] * 100) == [True] * 100
    assert EMPTY.holds(array([LARGEST])).tolist() == [True], "what is not known for certain is fetched"


def test_a_fingerprint_takes_less_than_27_bytes() -> None:
    for count in (2**16 + 1, 10**5, 2**17, 10**6):
        assert merged(prefixes_of(token_bytes(16 * count))).nbytes / count <= 16.1
