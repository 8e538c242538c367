"""Lists of national registers: which lines count, what makes a list unreadable, and until when it is good."""

from datetime import date

import pytest

from app.domain.register_list import (
    Batch,
    Layout,
    RegisterList,
    UnreadableListError,
    header_layout,
    plain_layout,
    read_lines,
)
from app.domain.registers import REGISTERS

TODAY = date(2026, 11, 21)
NIX = RegisterList(REGISTERS["nix_phone"], ("phone",))
NORWEGIAN = RegisterList(REGISTERS["reservasjon_no"], ("phone",), charities=True)
POST = RegisterList(REGISTERS["nix_post"], ("postal_address",))
ANNA, BO = "+46701740605", "+46701740606"


def read(*lines: str, header: str | None = None, wanted: RegisterList = NIX) -> Batch:
    layout = header_layout(wanted, header, {}) if header else plain_layout(wanted)
    assert layout is not None
    return read_lines(wanted, layout, lines, 7, TODAY)


def test_blank_lines_are_passed_over_and_the_others_keep_their_numbers() -> None:
    batch = read("", ANNA, "   ", f"{BO}\r", "\t")
    assert (batch.rows, batch.unreadable) == (2, [])
    assert (batch.texts, batch.lines) == ({"phone": [ANNA, BO]}, {"phone": [8, 10]})


def test_a_line_that_cannot_be_read_is_told_by_its_number_and_counts_as_a_row() -> None:
    batch = read(ANNA, "nobody", f"X{BO}", "070-174 06 07")
    assert batch.rows == 4
    assert batch.unreadable == [(8, "LETTERS"), (9, "LETTERS")]
    assert batch.texts == {"phone": [ANNA, "+46701740607"]}


@pytest.mark.parametrize("line", [f'"{ANNA}"x,Anna', ANNA, f"{ANNA},Anna,x"])
def test_a_line_with_other_columns_than_the_header_is_not_read(line: str) -> None:
    assert read(line, header="phone,name").unreadable == [(7, "COLUMNS")]


def test_an_empty_last_column_is_a_column() -> None:
    batch = read(f"{ANNA}\t", f"\t{BO}", header="phone\tname")
    assert (batch.texts, batch.unreadable) == ({"phone": [ANNA]}, [(8, "EMPTY")])


def test_a_header_may_name_the_one_column_that_is_needed() -> None:
    assert header_layout(NIX, "Phone", {}) == Layout({"phone": 0}, 1, ",")
    assert header_layout(NIX, "id;Telefon", {"phone": "telefon"}) == Layout({"phone": 1}, 2, ";")


@pytest.mark.parametrize("header", ["name", "id,telefon", "phone,phone", '"phone', ""])
def test_a_header_that_names_no_column_or_two_is_told_as_one_unreadable_line(header: str) -> None:
    with pytest.raises(UnreadableListError, match="1 lines cannot be read") as unreadable:
        header_layout(NIX, header, {})
    assert (unreadable.value.first, unreadable.value.total) == (((1, "HEADER"),), 1)


def test_an_address_needs_columns() -> None:
    assert plain_layout(POST) is None
    assert plain_layout(NIX) is not None


@pytest.mark.parametrize(("said", "flags"), [("0", 0), ("nei", 0), (" No ", 0), ("1", 1), ("ja", 1), ("", 1)])
def test_whoever_does_not_except_charities_said_no_to_them_too(said: str, flags: int) -> None:
    batch = read(f"+4740123456,{said}", header="phone,charities", wanted=NORWEGIAN)
    assert (batch.unreadable, batch.flags) == ([], {"phone": [flags]})


def test_a_list_is_good_until_the_last_day_on_the_whole_of_which_it_may_be_used() -> None:
    assert NIX.fresh_until(date(2026, 9, 22)) == date(2026, 11, 21)
    assert NIX.ended is None
