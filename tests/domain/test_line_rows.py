"""Rows laid out by arrays are those that are read as text; a block with any other row is not laid out."""

import random

import pytest

from app.domain.column import Column
from app.domain.line_rows import LineRows
from app.domain.recipient_lists import RecipientList
from app.domain.recipient_rows import Rows, decoded, encoded
from app.domain.rows_of_csv import CsvList
from app.domain.rows_of_ndjson import NdjsonList

FIELDS = ["+46701740605", "", "å", "070-174 06 06", " ", "a\0b", "x" * 300, "1,5", "a;b"]
ODD = ['"', "\\", "\r", "\t", "\x1f", "\udcff", '"a"', "{}", "7", "\u2028"]


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - nothing here is secret


def csv(width: int, place: int) -> RecipientList:
    form = CsvList("phone", str(place + 1), header=False)
    form.read(";".join("abc"[:width]) + "\n", last=False)
    return form


def ndjson() -> RecipientList:
    form = NdjsonList()
    form.read('"a"\n', last=False)
    return form


def agreed(form: RecipientList, block: bytes) -> bool:
    """Whether the block was laid out; if so, it has the same rows, and the same answer, as its text has."""
    laid = form.lines(block)
    if laid is None:
        return False
    rows, rest = form.read(decoded(block), last=True)
    assert (list(laid.items), laid.heads, rest) == (rows.items, rows.heads, "")
    special = {n: f"|{n}\n".encode() for n in range(0, len(rows), 3)}
    spoken = b"".join(piece for _, piece in laid.spoken(b"|usual\n", special))
    assert spoken == b"".join(
        encoded(head) + special.get(n, b"|usual\n") for n, head in enumerate(rows.heads)
    )
    several = list(laid.parts(2))
    assert [item for part in several for item in part.items] == rows.items
    assert [head for part in several for head in part.heads] == rows.heads
    return True


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("width", "place"), [(1, 0), (2, 0), (2, 1), (3, 1)])
def test_ordinary_rows_of_csv_are_laid_out_as_they_are_read(width: int, place: int, end: str) -> None:
    chosen = chance(width)
    fields = [one for one in FIELDS if ";" not in one and "," not in one]
    rows = [";".join(chosen.choices(fields, k=width)) for _ in range(200)]
    assert agreed(csv(width, place), encoded("".join(row + end for row in rows)))
    assert agreed(csv(width, place), encoded("\n".join([*rows, "last" + ";" * (width - 1)])))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_texts_of_json_are_laid_out_as_they_are_read(end: str) -> None:
    texts = [one for one in FIELDS if "\0" not in one]
    assert agreed(ndjson(), encoded("".join(f'"{one}"{end}' for one in texts)))


@pytest.mark.parametrize("seed", range(40))
def test_whatever_stands_in_a_block_both_ways_agree_or_it_is_not_laid_out(seed: int) -> None:
    chosen = chance(seed)
    for _ in range(50):
        fields = chosen.choices(FIELDS + ODD * chosen.randint(0, 1), k=9)
        lines = ["".join(chosen.choices([*fields, ";"], k=chosen.randint(0, 4))) for _ in range(4)]
        block = encoded("".join(line + chosen.choice(["\n", "\r\n"]) for line in lines))
        for width, place in ((1, 0), (2, 1), (3, 1)):
            agreed(csv(width, place), block)
        agreed(ndjson(), block)
        agreed(ndjson(), encoded("".join(f'"{line}"\n' for line in lines)))


@pytest.mark.parametrize(
    ("form", "block"),
    [
        (csv(1, 0), b"a\nb,c\n"),
        (csv(2, 0), b"a;b\nc\nd;e;f\n"),
        (csv(2, 0), b'a;b\nc;"d"\n'),
        (csv(2, 0), b"a;b\nc;\xff\n"),
        (csv(2, 0), b"a;b\nc;\rd\n"),
        (ndjson(), b'"a"\n{"b":1}\n'),
        (ndjson(), b'"a"\n"b\\n"\n'),
        (ndjson(), b'"a"\n\n'),
        (ndjson(), b'"a"\n"\n'),
        (ndjson(), b'"\n"a"b"\n'),
        (ndjson(), b'"a","b"\n"c"\n'),
        (CsvList("phone"), b"phone\n+46701740605\n"),
        (NdjsonList(), b'"+46701740605"\n'),
        (ndjson(), b""),
    ],
)
def test_a_block_with_another_row_is_read_as_text(form: RecipientList, block: bytes) -> None:
    assert form.lines(block) is None


@pytest.mark.parametrize("special", [{}, {1: b"|told\n"}, {2: b"|told\n"}, {0: b"|told\n", 2: b"|told\n"}])
def test_every_row_is_answered_whichever_of_them_get_an_answer_of_their_own(
    special: dict[int, bytes],
) -> None:
    laid = csv(1, 0).lines(b"a\nb\nc\n")
    assert laid is not None
    assert b"".join(piece for _, piece in laid.spoken(b"|usual\n", special)) == b"".join(
        row + special.get(n, b"|usual\n") for n, row in enumerate((b"a", b"b", b"c"))
    )
    assert laid.as_text() == Rows(["a", "b", "c"], ["a", "b", "c"])


def test_nothing_of_a_row_is_shown() -> None:
    laid = csv(1, 0).lines(b"+46701740605\n")
    assert isinstance(laid, LineRows)
    assert isinstance(laid.as_text(), Rows)
    assert isinstance(laid.items, Column)
    assert "4670" not in repr(laid) + repr(laid.items)
