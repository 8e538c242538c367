"""Digits that begin with a country code whose plus is left out: never read as somebody else's number."""

from datetime import date

import pytest

from app.domain.column import Column
from app.domain.identifier import UnreadableIdentifier
from app.domain.identifiers import canonicalise
from app.domain.phone_columns import spaced_phones

TODAY = date(2026, 11, 21)

# No series of fiction has nine digits with the Swedish country code, or begins with a country's own code. So
# these digits are plainly invented: round ones, or ones that count upwards.
TWO_PEOPLE = [
    ("468208500", "SE"),  # 08-20 85 00 of Stockholm, or 046-820 85 00 of Lund
    ("461312345", "SE"),  # 013-123 45 of Linköping, or 046-131 23 45 of Lund
    ("46 13-123 45", "SE"),
    ("46123456", "SE"),  # 046-12 34 56 of Lund without its zero, or a short number that nobody knows
    ("4915123456789", "DE"),  # a mobile, or a line in East Frisia
    ("491701234567", "DE"),
    ("358912345", "FI"),  # 09-12345 of Helsinki, or 03-589 123 45 of Tampere
    ("35840123", "AX"),
    ("447123456", "GB"),
    ("62812345678", "ID"),
    ("9112345678", "IN"),
    ("390698765", "IT"),
]

ONE_PERSON = [
    ("46701740605", "SE", "+46701740605"),
    ("46846500400", "SE", "+46846500400"),
    ("701740605", "SE", "+46701740605"),
    ("0468208500", "SE", "+46468208500"),
    ("08-208 500", "SE", "+468208500"),
    ("46 (0)8 208 500", "SE", "+468208500"),
    ("4740123456", "NO", "+4740123456"),
    ("47012345", "NO", "+4747012345"),
    ("4528123456", "DK", "+4528123456"),
    ("45123456", "DK", "+4545123456"),
    ("358401234567", "FI", "+358401234567"),
    ("35835840123", "FI", "+35835840123"),
    ("447700900123", "GB", "+447700900123"),
    ("442079460123", "GB", "+442079460123"),
    ("493012345", "DE", "+493012345"),
    ("015123456789", "DE", "+4915123456789"),
    ("0812345678", "ID", "+62812345678"),
    ("12025550123", "US", "+12025550123"),
    # As their countries write them, and no numbers at all with a plus before them.
    ("391 234 5678", "IT", "+393912345678"),
    ("48 123 45 67", "PL", "+48481234567"),
]


def refusal_of(written: str, region: str) -> str | None:
    try:
        canonicalise("phone", written, region, TODAY)
    except UnreadableIdentifier as unreadable:
        return unreadable.reason
    return None


@pytest.mark.parametrize(("written", "region"), TWO_PEOPLE)
def test_digits_that_are_a_number_with_and_without_the_country_code_are_refused(
    written: str, region: str
) -> None:
    assert refusal_of(written, region) == "AMBIGUOUS_REGION"


@pytest.mark.parametrize(("written", "region", "number"), ONE_PERSON)
def test_digits_that_are_a_number_in_one_way_only_are_that_number(
    written: str, region: str, number: str
) -> None:
    assert canonicalise("phone", written, region, TODAY).forms == (number,)


@pytest.mark.parametrize("region", ["SE", "DE", "GB", "FI", "ID", "IT", "AU"])
def test_many_read_at_once_leave_digits_without_a_plus_to_be_looked_at_alone(region: str) -> None:
    texts = [written for written, *_ in [*TWO_PEOPLE, *ONE_PERSON, *ABROAD]]
    read, numbers = spaced_phones(Column.of(texts), region)
    taken = [text for text, one in zip(texts, read, strict=True) if one]
    assert list(numbers) == [canonicalise("phone", text, region, TODAY).value for text in taken]


ABROAD = [
    ("0061212345678", "AU", "+61212345678"),
    ("0046701740605", "AU", "+46701740605"),
    ("0055 11 2345-6789", "BR", "+551123456789"),
    ("00573211234567", "CO", "+573211234567"),
    ("0062812345678", "ID", "+62812345678"),
    ("0046701740605", "JP", "+46701740605"),
    ("0066812345678", "TH", "+66812345678"),
    ("0046701740605", "US", "+46701740605"),
    ("0011 46 701740605", "AU", "+46701740605"),
]


@pytest.mark.parametrize(("written", "region", "number"), ABROAD)
def test_two_zeros_are_an_international_prefix_also_where_another_is_dialled(
    written: str, region: str, number: str
) -> None:
    assert canonicalise("phone", written, region, TODAY).value == number


def test_two_zeros_before_what_is_in_use_nowhere_are_not_read_as_a_number_at_home() -> None:
    assert canonicalise("phone", "0046719000000", "SE", TODAY).value == "+46719000000"
    assert refusal_of("0046719000000", "JP") == "AMBIGUOUS_REGION"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+48 (0)512 345 678", "+48512345678"),
        ("0048 (0)512 345 678", "+48512345678"),
        ("(+48) (0)512 345 678", "+48512345678"),
        ("+420 (0)601 123 456", "+420601123456"),
        ("+34 (0)612 345 678", "+34612345678"),
        ("+30 (0)691 234 5678", "+306912345678"),
        ("+352 (0)27 12 34 56", "+35227123456"),
        ("+36 (0)1 234 5678", "+3612345678"),
        ("+56 (0)2 2123 4567", "+56221234567"),
        ("+46 (0)8 208 500", "+468208500"),
        ("+39 (0)6 1234 5678", "+390612345678"),
        ("+225 (0)1 23 45 67 89", "+2250123456789"),
    ],
)
def test_a_zero_in_brackets_is_part_of_a_number_only_where_the_country_has_it(
    written: str, number: str
) -> None:
    assert canonicalise("phone", written, None, TODAY).value == number
