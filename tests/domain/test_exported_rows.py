"""What leaves for a spreadsheet is read there as it was, and runs nothing."""

import csv
import json
from io import StringIO
from typing import Any

import pytest

from app.domain.exported_rows import csv_line, json_line, safe_text

NASTY = [
    '=HYPERLINK("http://example.com","x")',
    "+46 70",
    "-3",
    "@SUM(A1)",
    "\tx",
    "\rx",
]


@pytest.mark.parametrize("text", NASTY)
def test_a_cell_never_begins_like_a_formula(text: str) -> None:
    (row,) = csv.reader(StringIO(csv_line([text]), newline=""))
    assert row == [f"'{text}"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (-3, "'-3"),
        (0.5, "0.5"),
        ("a = b", "a = b"),
        (["object_dm", "receive_status"], "object_dm receive_status"),
        (["=x"], "'=x"),
        ([], ""),
        ({"state": "active"}, '{"state":"active"}'),
        ("", ""),
    ],
)
def test_what_a_cell_says(value: Any, text: str) -> None:
    assert safe_text(value) == text


def test_a_record_is_read_back_as_it_was() -> None:
    values = ["plain", "a,b", 'say "no"', "two\r\nlines", "one\nline", "åäö", " blank ", ""]
    line = csv_line(values)
    assert line.endswith("\r\n")
    assert list(csv.reader(StringIO(line * 2, newline=""), strict=True)) == [values, values]
    assert csv_line(["a", "b"]) == "a,b\r\n"
    assert csv_line(['"']) == '""""\r\n'


def test_a_line_of_json_is_one_line() -> None:
    row = {"id": "x", "text": "=1\n2", "names": ["å"], "none": None, "detail": {"a": 1}}
    line = json_line(row)
    assert (line.count("\n"), line[-1], json.loads(line)) == (1, "\n", row)
    assert "å" in line
