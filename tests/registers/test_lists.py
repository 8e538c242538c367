"""What a line of each register's list says: the samples, one file for each register."""

import json
import re
from datetime import date
from itertools import product
from typing import Any

import pytest

from app.domain.identifiers import canonicalise
from app.domain.identifiers.phone import RANGES
from app.domain.register_list import (
    Batch,
    RegisterList,
    UnreadableListError,
    header_layout,
    plain_layout,
    read_lines,
    spelled,
)
from app.domain.registers import REGISTERS
from app.registers import LISTS
from tests.architecture.repository import ROOT

TODAY = date(2026, 11, 21)
FOLDER = ROOT / "tests" / "samples" / "registers"
TYPES = ("phone", "personal_number", "postal_address")


def samples(kind: str) -> list[Any]:
    found = []
    for code in LISTS:
        content = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
        cases = content.get("plain", []) + content.get("csv", []) if kind == "read" else content["refused"]
        found += [pytest.param(LISTS[code], case, id=f"{code}-{n}") for n, case in enumerate(cases)]
    return found


def read(wanted: RegisterList, case: dict[str, Any]) -> Batch:
    header = case.get("header")
    layout = header_layout(wanted, header, {}) if header else plain_layout(wanted)
    assert layout is not None
    return read_lines(wanted, layout, [case["line"]], 7, TODAY)


def test_every_register_of_the_rules_has_a_list_and_every_list_its_samples() -> None:
    assert REGISTERS.keys() <= LISTS.keys()
    assert {path.stem for path in FOLDER.iterdir()} == set(LISTS)


@pytest.mark.parametrize(("wanted", "case"), samples("read"))
def test_a_line_is_read_as_its_sample_says(wanted: RegisterList, case: dict[str, Any]) -> None:
    batch = read(wanted, case)
    expected = {name: [case[name]] for name in TYPES if name in case}
    assert (batch.texts, batch.unreadable) == (expected, [])
    assert batch.lines == {name: [7] for name in expected}
    assert batch.flags == {name: [case.get("flags", 0)] for name in expected}


@pytest.mark.parametrize(("wanted", "case"), samples("refused"))
def test_a_line_that_cannot_be_read_is_told_with_its_reason(
    wanted: RegisterList, case: dict[str, Any]
) -> None:
    assert read(wanted, case).unreadable == [(7, case["reason"])]


@pytest.mark.parametrize("wanted", [pytest.param(one, id=code) for code, one in LISTS.items()])
@pytest.mark.parametrize("header", ["", "id", "id;note", "phone,phone", '"phone', "charities", "city,name"])
def test_a_header_without_the_columns_is_refused(wanted: RegisterList, header: str) -> None:
    with pytest.raises(UnreadableListError) as refused:
        header_layout(wanted, header, {})
    assert refused.value.first == ((1, "HEADER"),)


def test_a_column_that_was_named_and_is_not_there_is_refused() -> None:
    with pytest.raises(UnreadableListError):
        header_layout(LISTS["reservasjon_no"], "phone,humanitarian", {"charities": "humanitær"})


@pytest.mark.parametrize(
    ("code", "version", "last"),
    [
        ("nix_phone", date(2026, 11, 1), date(2026, 12, 31)),
        ("nix_phone", date(2026, 12, 31), date(2027, 2, 27)),
        ("nix_post", date(2026, 11, 30), date(2027, 2, 27)),
        ("robinson_dk", date(2026, 10, 1), date(2026, 12, 31)),
        ("reservasjon_no", date(2026, 1, 31), date(2026, 2, 27)),
        ("tps_uk", date(2026, 11, 1), date(2026, 11, 28)),
        ("spelpaus_se", date(2026, 11, 21), date(2026, 11, 21)),
    ],
)
def test_a_list_is_good_for_as_long_as_its_register_says(code: str, version: date, last: date) -> None:
    assert LISTS[code].fresh_until(version) == last


@pytest.mark.parametrize("row", [r for r in RANGES if r.country in ("SE", "GB", "NO", "DK")], ids=str)
def test_a_number_in_national_digits_is_read_as_the_library_reads_it(row: Any) -> None:
    """The short cut for a country's own numbers gives what the long way gives, over every covered range."""
    trunk = {"SE": "0", "GB": "0"}.get(row.country, "")
    checked = 0
    for length in range(1, 5):
        for leading in map("".join, product("0123456789", repeat=length)):
            if not re.fullmatch(row.leading, leading):
                continue
            for rest in range(row.fewest, row.most + 1):
                digits = trunk + leading + "1234567890"[:rest]
                for text in (digits, f"{digits[:3]}-{digits[3:]}"):
                    long = canonicalise("phone", f"{text[:2]} {text[2:]}", row.country, TODAY).value
                    assert (
                        spelled(text, row.country, TODAY) == long == f"+{row.code}{leading}{digits[-rest:]}"
                    )
                    checked += 1
    assert checked


@pytest.mark.parametrize("country", ["SE", "GB", "NO", "DK", "FR"])
def test_what_only_looks_like_a_national_number_goes_the_long_way(country: str) -> None:
    for text in ("0046701740605", "46701740605", "701740605", "0031612345678", "00-701740605", "070174060"):
        try:
            long = canonicalise("phone", text, country, TODAY).value
        except ValueError:
            with pytest.raises(ValueError, match=":"):
                spelled(text, country, TODAY)
        else:
            assert spelled(text, country, TODAY) == long


def test_the_guide_has_the_columns_of_every_register() -> None:
    guide = (ROOT / "docs" / "guides" / "registers.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", guide, re.MULTILINE)
    told = {code: set(re.findall(r"`(\w+)`", columns)) for code, columns in rows}
    assert told == {code: set(one.fields) for code, one in LISTS.items()}
