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


HARD = [
    "+46701740605",
    "+4670174060",
    "+467017406050",
    "+46846500400",
    "46701740605",
    " +46701740605",
    "+46701740605\n",
    "+4670174060x",
    "+46",
    "+",
    "",
    "x",
    "+00000000000",
    "+12345678901",
    "++4670174060",
    "+467017406051234567890",
    "+4915112345678901",
    "070-174 06 05",
    "08-465 004 00",
    "0701740605",
    "070 174 06 05 ",
    " 070 174 06 05",
    "-0701740605",
    "0701740605-",
    "0 7 0-1 7 4-0 6 0 5",
    "+46 70-174 06 05",
    "+46 (0)70 174 06 05",
    "070174060x",
    "070.174.06.05",
    "070-174 06 05".center(34),
    "0701740605" + " " * 21 + "6",
    "0" + " " * 22 + "701740605",
    "0" + " " * 23 + "701740605",
    "0" + " " * 21 + "701740605-",
    "0046701740605",
    "00701740605",
    "08-465 004 01",
    "468208500",
    "46 8-208 500",
    "461312345",
    "4915123456789",
    "62812345678",
    "+48 (0)512 345 678",
    "+46 (0)8 208 500",
    "0061212345678",
]


def test_hard_numbers_are_recognised_together_as_each_would_be_alone() -> None:
    together = canonical_phones(Column.of(HARD)).tolist()
    assert together == [phone.already_canonical(text) for text in HARD]
    assert [canonical_phones(Column.of([text])).tolist()[0] for text in HARD] == together
    assert canonical_phones(Column.of(HARD)[1::2]).tolist() == together[1::2]


@pytest.mark.parametrize("region", ["SE", "se", " SE "])
def test_swedish_numbers_in_national_form_need_no_library(region: str) -> None:
    written = {
        "070-174 06 05": "+46701740605",
        "0701740606": "+46701740606",
        "08-465 004 00": "+46846500400",
        "0 8 4 6 5 0 0 4 0 1": "+46846500401",
        "+46 70-174 06 07": "+46701740607",
        "+46701740608": "+46701740608",
        "0" + " " * 22 + "701740609": "+46701740609",
    }
    read, numbers = spaced_phones(Column.of(list(written)), region)
    assert read.all()
    assert list(numbers) == list(written.values())


@pytest.mark.parametrize("region", [None, "SE", "NO", "DE", "XX"])
def test_hard_numbers_are_read_as_the_library_reads_them_or_left_to_it(region: str | None) -> None:
    read, numbers = spaced_phones(Column.of(HARD), region)
    taken = [text for text, one in zip(HARD, read, strict=True) if one]
    assert list(numbers) == [canonicalise("phone", text, region, TODAY).value for text in taken]
    national = [
        "070-174 06 05",
        "08-465 004 00",
        "0701740605",
        "0 7 0-1 7 4-0 6 0 5",
        "0" + " " * 22 + "701740605",
        "08-465 004 01",
    ]
    international = ["+46701740605", "+46846500400", "+46 70-174 06 05"]
    assert sorted(taken) == sorted(international + (national if region == "SE" else []))


def test_of_no_numbers_none_is_read() -> None:
    read, numbers = spaced_phones(Column.of([]), "SE")
    assert (len(read), list(numbers)) == (0, [])
