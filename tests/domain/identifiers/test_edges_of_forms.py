"""What lies just inside and just outside of the forms in which an identifier may be written."""

from datetime import date

import pytest

from app.domain.identifier import Canonical, UnreadableIdentifier
from app.domain.identifiers import canonicalise
from tests.domain.identifiers.test_personal_number_form import norwegian, swedish

TODAY = date(2026, 11, 21)
ANNA = "+46701740605"


def read(code: str, written: str, region: str | None = None) -> Canonical:
    return canonicalise(code, written, region, TODAY)


def refusal_of(code: str, written: str, region: str | None = None) -> str | None:
    try:
        read(code, written, region)
    except UnreadableIdentifier as unreadable:
        return unreadable.reason
    return None


def test_a_text_is_read_up_to_its_longest_length_blanks_included() -> None:
    assert read("phone", ANNA.ljust(64)).value == ANNA
    assert refusal_of("phone", ANNA.ljust(65)) == "TOO_LONG"


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("07017/40605", "SE"),
        ("+46/701740605", None),
        ("+46 70174/0605", None),
        ("0046 7017/40605", None),
        ("+0046701740605", None),
        ("+00 46 70-174 06 05", "DK"),
    ],
)
def test_a_slash_stands_once_behind_an_area_and_two_prefixes_are_one(
    written: str, region: str | None
) -> None:
    assert read("phone", written, region).value == ANNA


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("070174/0605", "SE"),
        ("+467017406/0505", None),
        ("+46/8/46500400", None),
        ("+46 8/465", None),
        ("0701740605/06", "SE"),
        ("0701740605/0701740606", "SE"),
    ],
)
def test_a_slash_elsewhere_may_part_two_numbers(written: str, region: str | None) -> None:
    assert refusal_of("phone", written, region) == "TWO_VALUES"


@pytest.mark.parametrize("written", ["+46701740605.0", "46701740605.00", "+", "(+)", "()"])
def test_what_a_spreadsheet_made_of_a_number_is_no_number(written: str) -> None:
    assert refusal_of("phone", written, "SE") == "NOT_A_NUMBER"


def test_the_longest_number_has_fifteen_digits() -> None:
    longest = "+49" + "3" * 13
    assert read("phone", longest).value == longest
    assert refusal_of("phone", f"{longest}3") == "TOO_LONG"


@pytest.mark.parametrize(
    ("code", "written", "warnings"),
    [
        ("phone", "+46\u201370 174 06 05 anknytning 5", ("TYPOGRAPHIC_CHARACTERS", "EXTENSION_DROPPED")),
        ("phone", "+46\u2013719000000", ("TYPOGRAPHIC_CHARACTERS", "POSSIBLE_NOT_VALID")),
        ("email", "\uff41nna+tag@example.com", ("TYPOGRAPHIC_CHARACTERS", "PLUS_TAG")),
        ("email", "ann\u0430+tag@example.com", ("PLUS_TAG", "MIXED_SCRIPT")),
        ("email", "\uff41nn\u0430@example.com", ("TYPOGRAPHIC_CHARACTERS", "MIXED_SCRIPT")),
    ],
)
def test_everything_that_was_odd_about_an_identifier_is_told(
    code: str, written: str, warnings: tuple[str, ...]
) -> None:
    assert read(code, written).warnings == warnings


@pytest.mark.parametrize(
    "local", ["\u30e9\u30fc\u30e1\u30f3", "\u6771\u4eac\u30e9\u30fc\u30e1\u30f3", "\U00017000"]
)
def test_scripts_that_are_written_together_and_letters_without_a_name_are_no_look_alikes(local: str) -> None:
    assert read("email", f"{local}@example.com").warnings == ()


def test_a_letter_without_a_name_beside_a_latin_one_may_be_a_look_alike() -> None:
    assert read("email", "\U00017000a@example.com").warnings == ("MIXED_SCRIPT",)


def test_whoever_is_a_hundred_this_year_has_a_plus_of_this_century() -> None:
    number = swedish(date(1926, 1, 1))
    assert read("personal_number", f"{number[2:8]}+{number[8:]}", "SE").value == number


def test_the_first_year_of_birth_is_1800() -> None:
    assert read("personal_number", swedish(date(1800, 1, 1)), "SE").value == swedish(date(1800, 1, 1))
    assert refusal_of("personal_number", swedish(date(1799, 12, 31)), "SE") == "DATE"


def test_the_serial_000_is_nobodys() -> None:
    """The check digit fits: 900101000 leads to 5 by the modulus-10 sum."""
    digits = [int(digit) * (2 - place % 2) for place, digit in enumerate("900101000")]
    check = -sum(digit // 10 + digit % 10 for digit in digits) % 10
    assert refusal_of("personal_number", f"19900101000{check}", "SE") == "CHECKSUM"


def test_a_norwegian_d_number_of_the_first_of_a_month_is_read() -> None:
    number = norwegian(date(1990, 1, 1), 80, 40)
    assert number.startswith("41")
    assert read("personal_number", number, "NO").value == number


def test_an_address_needs_no_more_than_its_three_fields_and_a_country_from_elsewhere() -> None:
    fields = {"name": "Anna Test", "street": "Provgatan 1", "postal_code": "123 45"}
    assert canonicalise("postal_address", fields, "SE", TODAY).value == "SE|12345|provgatan 1|anna test"


def test_the_marks_of_a_letter_belong_to_its_word() -> None:
    """Vowel signs of Hindi and Thai are marks of their own, which compose to no single character."""
    fields = {"name": "\u0938\u0940\u0924\u093e", "street": "\u0e16\u0e35 1", "postal_code": "123 45"}
    value = canonicalise("postal_address", fields, "SE", TODAY).value
    assert value == "SE|12345|\u0e16\u0e35 1|\u0938\u0940\u0924\u093e"
