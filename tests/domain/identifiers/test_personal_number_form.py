from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from personnummer import personnummer
from stdnum import luhn
from stdnum.no import fodselsnummer

from app.domain.identifier import UnreadableIdentifier
from app.domain.identifiers import canonicalise

TODAY = date(2026, 11, 21)


def read(written: str, region: str | None = "SE", today: date = TODAY) -> str:
    return canonicalise("personal_number", written, region, today).value


def swedish(born: date, *, coordination: bool = False) -> str:
    """A number with a serial of the test series: 238."""
    day = born.day + (60 if coordination else 0)
    nine = f"{born:%y%m}{day:02}238"
    return f"{born.year}{nine[2:]}{luhn.calc_check_digit(nine)}"


LIVING = st.dates(date(1927, 1, 1), TODAY)


@settings(deadline=None)
@given(LIVING, st.booleans())
def test_ten_and_twelve_digits_are_the_same_swede(born: date, coordination: bool) -> None:  # noqa: FBT001 -- hypothesis
    twelve = swedish(born, coordination=coordination)
    assert read(twelve, None) == read(twelve[2:]) == read(f"{twelve[2:8]}-{twelve[8:]}") == twelve


@settings(deadline=None)
@given(st.dates(date(1827, 1, 1), date(1926, 12, 31)))
def test_a_plus_means_a_hundred_years_or_more(born: date) -> None:
    twelve = swedish(born)
    assert read(f"{twelve[2:8]}+{twelve[8:]}") == read(f"{twelve[:8]}+{twelve[8:]}") == twelve


@settings(deadline=None)
@given(st.text("0123456789", min_size=8, max_size=8), st.sampled_from(["19", "20"]))
def test_a_swedish_number_is_read_exactly_when_the_personnummer_library_accepts_it(
    rest: str, century: str
) -> None:
    month_and_day = f"{int(rest[2:4]) % 14:02}{int(rest[4:6]):02}"
    nine = f"{rest[:2]}{month_and_day}238"
    twelve = f"{century}{nine}{luhn.calc_check_digit(nine) if rest[6] < '8' else rest[7]}"
    try:
        accepted = read(twelve, today=date(2099, 12, 31)) == twelve
    except UnreadableIdentifier:
        accepted = False
    assert accepted == personnummer.valid(twelve)


def test_the_century_of_ten_digits_follows_the_day_that_is_given() -> None:
    assert read("000229-2399", today=date(2000, 2, 29)) == "200002292399"
    with pytest.raises(UnreadableIdentifier, match="DATE"):
        read("000229-2399", today=date(2000, 2, 28))
    with pytest.raises(UnreadableIdentifier, match="DATE"):
        read("000229-2399", today=date(1999, 12, 31))


@pytest.mark.parametrize("region", ["SE", "NO", "DK"])
def test_nobody_is_born_tomorrow(region: str) -> None:
    tomorrow = TODAY + timedelta(days=1)
    written = {"SE": swedish(tomorrow), "NO": norwegian(tomorrow, 80), "DK": f"{tomorrow:%d%m%y}4000"}[region]
    with pytest.raises(UnreadableIdentifier, match="DATE"):
        read(written, region)
    assert read(written, region, tomorrow) == written


def norwegian(born: date, month_more: int, day_more: int = 0) -> str:
    """A number of Skatteetaten's invented people, whose month carries 80 more."""
    six = f"{born.day + day_more:02}{born.month + month_more:02}{born:%y}"
    serials = range(500, 1000) if born.year >= 2000 else range(500)
    for serial in serials:
        first = fodselsnummer.calc_check_digit1(f"{six}{serial:03}")
        second = fodselsnummer.calc_check_digit2(f"{six}{serial:03}{first}")
        if len(first + second) == len("CC"):
            return f"{six}{serial:03}{first}{second}"
    raise AssertionError


@settings(deadline=None)
@given(LIVING, st.sampled_from([0, 40]))
def test_a_norwegian_number_is_read_with_and_without_its_region(born: date, day_more: int) -> None:
    number = norwegian(born, 80, day_more)
    assert read(number, None) == read(f"{number[:6]} {number[6:]}", "NO") == number


@settings(deadline=None)
@given(LIVING, st.sampled_from([0, 60]))
def test_a_danish_number_needs_no_modulus_11(born: date, day_more: int) -> None:
    """A serial of 0000 or 4000 is nobody's; the first digit tells the century."""
    serial = "4000" if born.year >= 2000 else "0000"
    number = f"{born.day + day_more:02}{born:%m%y}{serial}"
    if born.year < 2000 or born.year <= 2036:
        assert read(number, "DK") == read(f"{number[:6]}-{number[6:]}", "DK") == number


def test_numbers_of_the_three_countries_never_meet() -> None:
    lengths = {
        len(read(n, r)) for n, r in (("199001012385", "SE"), ("01819010001", "NO"), ("0101900000", "DK"))
    }
    assert lengths == {12, 11, 10}
