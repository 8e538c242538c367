"""The table of numbers that are canonical already says exactly what the library says."""

import random
import re
from collections.abc import Iterator
from datetime import date
from itertools import product

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, ValidationResult

from app.domain.identifier import Canonical
from app.domain.identifiers import canonicalise, phone

TODAY = date(2026, 11, 21)
RANGES = [pytest.param(row, id=f"{row.country}-{index}") for index, row in enumerate(phone.RANGES)]


def as_the_library_reads(text: str) -> Canonical | None:
    number = phonenumbers.parse(text)
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    warnings = () if phonenumbers.is_valid_number(number) else ("POSSIBLE_NOT_VALID",)
    return Canonical("phone", value, (value,), warnings, phonenumbers.region_code_for_number(number))


def covered(row: phone.Range, depth: int) -> Iterator[str]:
    """Every prefix of `depth` digits and every length: filled with zeros, with nines, and at random."""
    others = random.Random(f"{row.country}{row.leading}")  # noqa: S311 -- reproducible samples, no secret
    for prefix in map("".join, product("0123456789", repeat=depth)):
        if not (leading := re.match(row.leading, prefix)):
            continue
        for more in range(row.fewest, row.most + 1):
            missing = leading.end() + more - depth
            yield from (f"+{row.code}{prefix}{digit * missing}" for digit in "09")
            yield f"+{row.code}{prefix}{''.join(others.choices('0123456789', k=missing))}"


@pytest.mark.parametrize("row", RANGES)
def test_each_covered_number_is_its_own_canonical_form_to_the_library_too(row: phone.Range) -> None:
    numbers = list(covered(row, depth=4))
    assert numbers
    for number in numbers:
        assert phone.already_canonical(number)
        assert as_the_library_reads(number) == Canonical("phone", number, (number,), (), row.country)


@settings(deadline=None)
@given(st.from_regex(phone._EXACT, fullmatch=True))
def test_whatever_the_table_covers_is_read_as_the_library_reads_it(number: str) -> None:
    assert canonicalise("phone", number, None, TODAY) == as_the_library_reads(number)


@settings(deadline=None)
@given(st.sampled_from(["46", "47", "45", "358", "44", "49"]), st.text("0123456789", min_size=4, max_size=13))
def test_a_number_outside_the_table_goes_to_the_library(code: str, rest: str) -> None:
    number = f"+{code}{rest}"
    expected = as_the_library_reads(number)
    if phone.already_canonical(number):
        assert expected is not None
        assert (expected.value, expected.warnings) == (number, ())
    elif expected is not None and expected.value == number and len(number) <= len("+") + 15:
        assert canonicalise("phone", number, None, TODAY).value == number


@pytest.mark.parametrize(
    "text",
    [
        "+460701740605",
        "+46719000000",
        "+4670174060",
        "+467017406055",
        "46701740605",
        "+46701740605\n",
        " +46701740605",
        "+4670174060\u0665",
        "+447524000000",
        "+4779000000",
        "+3581812345",
        "",
    ],
    ids=["trunk", "unused", "short", "long", "plus", "line", "space", "digit", "IM", "SJ", "AX", "empty"],
)
def test_the_table_does_not_vouch_for_what_only_looks_like_it(text: str) -> None:
    assert not phone.already_canonical(text)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_example_numbers_of_a_country_are_stable_and_equal_in_national_form(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    read = canonicalise("phone", value, None, TODAY)
    assert (read.value, read.region, read.warnings) == (
        value,
        phonenumbers.region_code_for_number(number),
        (),
    )
    assert canonicalise("phone", national, region, TODAY) == read
