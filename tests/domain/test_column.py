"""Texts in a column are the texts that were put in, whatever stands in them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.domain.column import Column, positions, slices

TEXTS = st.lists(st.text('ab\0\n",\u0665å\U0001f600\ud800', max_size=6), max_size=20)


@given(TEXTS)
def test_a_column_gives_back_its_texts(texts: list[str]) -> None:
    column = Column.of(texts)
    assert list(column) == texts
    assert [column[place] for place in range(len(column))] == texts
    assert list(column[2:5]) == texts[2:5]
    assert list(column.at(np.arange(len(texts))[::-1])) == texts[::-1]


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
