"""Texts in a column are the texts that were put in, whatever stands in them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.column import WIDEST, Column, positions, slices

TEXTS = st.lists(st.text('ab\0\n",\u0665å\U0001f600\ud800', max_size=6), max_size=20)


@given(TEXTS)
def test_a_column_gives_back_its_texts(texts: list[str]) -> None:
    column = Column.of(texts)
    assert list(column) == texts
    assert [column[place] for place in range(len(column))] == texts
    assert list(column[2:5]) == texts[2:5]
    assert list(column.at(np.arange(len(texts))[::-1])) == texts[::-1]


MIXED = ["", "ab", "a\0b\n", "å\u0665", "\U0001f600", "\ud800", "last"]


@pytest.mark.parametrize("texts", [[], [""], ["a"], ["ab", "", "c"], MIXED, MIXED[:3]])
def test_texts_of_any_alphabet_stand_where_they_were_put(texts: list[str]) -> None:
    column = Column.of(texts)
    assert len(column) == len(texts)
    assert list(column) == [column[place] for place in range(len(texts))] == texts
    assert [text.decode(errors="surrogatepass") for text in column.encoded()] == texts
    assert list(column[1:3]) == texts[1:3]
    assert list(column.at(np.arange(len(texts))[::-1])) == texts[::-1]
    assert list(column.at(np.array([bool(text) for text in texts], np.bool_))) == [t for t in texts if t]


def test_a_window_shows_a_text_from_its_beginning_or_from_the_byte_before() -> None:
    column = Column.of(["abc", "de"])
    assert column.windows(2).tobytes() == b"abde"
    assert column.windows(3, before=1).tobytes() == b"\0ab\0de"
    assert Column.of(["x"]).windows(WIDEST).tobytes() == b"x".ljust(WIDEST, b"\0")
    assert Column.of(["\u00e5", ""]).windows(WIDEST)[1].tobytes() == bytes(WIDEST)


def test_an_empty_column_has_no_windows() -> None:
    assert Column.of([]).windows(WIDEST).shape == (0, WIDEST)


@pytest.mark.parametrize(
    ("lengths", "counted"),
    [([], []), ([3], [0, 1, 2]), ([2, 0, 3], [0, 1, 0, 1, 2]), ([1, 1], [0, 0])],
)
def test_places_are_counted_anew_in_each_run(lengths: list[int], counted: list[int]) -> None:
    assert positions(np.array(lengths, np.int64)).tolist() == counted


@pytest.mark.parametrize(
    ("count", "size", "parts"),
    [
        (0, 3, []),
        (2, 3, [slice(0, 2)]),
        (3, 3, [slice(0, 3)]),
        (7, 3, [slice(0, 3), slice(3, 6), slice(6, 7)]),
    ],
)
def test_a_sequence_is_cut_into_full_parts_and_one_for_the_rest(
    count: int, size: int, parts: list[slice]
) -> None:
    assert list(slices(count, size)) == parts


@given(TEXTS)
def test_a_window_begins_with_its_text(texts: list[str]) -> None:
    for row, text in zip(Column.of(texts).windows(32), texts, strict=True):
        assert row.tobytes().startswith(text.encode(errors="surrogatepass"))


def test_a_column_shows_nothing_of_its_texts() -> None:
    assert repr(Column.of(["+46701740605"])) == "Column(1 texts)"


@given(st.lists(st.integers(0, 5)))
def test_positions_count_up_in_each_run(lengths: list[int]) -> None:
    expected = [place for length in lengths for place in range(length)]
    assert positions(np.array(lengths, np.int64)).tolist() == expected


@given(st.integers(0, 50), st.integers(1, 9))
def test_slices_cover_a_sequence_once(count: int, size: int) -> None:
    items = list(range(count))
    assert [item for part in slices(count, size) for item in items[part]] == items
