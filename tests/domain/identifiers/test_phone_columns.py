"""Numbers read by the thousand are read as each would be alone."""

import random
from collections.abc import Iterator
from datetime import date
from itertools import product

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from app.domain.column import Column
from app.domain.identifier import UnreadableIdentifier
from app.domain.identifiers import canonicalise, phone
from app.domain.phone_columns import canonical_phones, spaced_phones
from tests.domain.identifiers.test_phone_ranges import covered

TODAY = date(2026, 11, 21)
CODES = sorted({row.code for row in phone.RANGES})
LIKE_A_NUMBER = st.text("+0123456789", max_size=18) | st.builds(
    lambda code, rest, end: f"+{code}{rest}{end}",
    st.sampled_from(CODES),
    st.text("0123456789", min_size=3, max_size=13),
    st.sampled_from(["", "", "\n", "\0", " ", "\u0665", ",+46701740605"]),
)
ANYTHING = st.text('+0467\0\n\r",; \u0665å\u2028', max_size=16)
SWEDISH = st.from_regex("(7[02369]|8|1[136])[0-9]{5,8}", fullmatch=True)


def by_prefix() -> Iterator[str]:
    """Every number of five leading digits under the country codes of the table, at every length."""
    for code in CODES:
        for rest in map("".join, product("0123456789", repeat=5 - len(code))):
            for more in range(12):
                yield from (f"+{code}{rest}{digit * more}" for digit in "09")


def test_the_table_of_leading_digits_says_what_the_pattern_says() -> None:
    numbers = [*by_prefix(), *(f"+{leading:05}000000" for leading in range(100_000))]
    alone = [phone.already_canonical(number) for number in numbers]
    assert any(alone)
    assert canonical_phones(Column.of(numbers)).tolist() == alone


@settings(deadline=None)
@given(st.lists(LIKE_A_NUMBER | ANYTHING))
def test_whatever_stands_in_a_text_it_is_recognised_as_it_would_be_alone(texts: list[str]) -> None:
    found = canonical_phones(Column.of(texts)).tolist()
    assert found == [phone.already_canonical(text) for text in texts]


@pytest.mark.parametrize("row", [row for row in phone.RANGES if row.country == "SE"], ids=str)
def test_each_covered_number_in_national_form_is_that_number_to_the_library(row: phone.Range) -> None:
    for number in covered(row, depth=3):
        read = phonenumbers.parse(f"0{number[3:]}", "SE")
        assert phonenumbers.format_number(read, PhoneNumberFormat.E164) == number


def spaced_at_random(digits: str, seed: int) -> str:
    random_one = random.Random(seed)  # noqa: S311 -- reproducible samples, no secret
    return "".join(digit + random_one.choice(["", "", "", " ", "-", " - "]) for digit in digits)


@settings(deadline=None)
@given(
    st.lists(
        st.builds(spaced_at_random, SWEDISH.map("0{}".format) | LIKE_A_NUMBER, st.integers(0, 999))
        | SWEDISH.map("0{}".format)
        | LIKE_A_NUMBER
        | ANYTHING
    ),
    st.sampled_from([None, "SE", "se", "NO", "DE", "XX"]),
)
def test_what_is_read_without_the_library_is_what_the_library_reads(
    texts: list[str], region: str | None
) -> None:
    read, numbers = spaced_phones(Column.of(texts), region)
    spaced = [text for text, one in zip(texts, read, strict=True) if one]
    for text, number in zip(spaced, numbers, strict=True):
        alone = canonicalise("phone", text, region, TODAY)
        assert (alone.value, alone.forms) == (number, (number,))


@settings(deadline=None)
@given(SWEDISH, st.integers(0, 999))
def test_an_ordinary_national_form_needs_no_library(digits: str, seed: int) -> None:
    text = spaced_at_random(f"0{digits}", seed).strip(" -")
    try:
        alone = canonicalise("phone", text, "SE", TODAY)
    except UnreadableIdentifier:
        return
    if phone.already_canonical(alone.value) and len(text) <= 32:
        assert list(spaced_phones(Column.of([text]), "SE")[1]) == [alone.value]
        assert not len(spaced_phones(Column.of([text]), None)[1])
