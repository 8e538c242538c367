"""Personal identity numbers of Sweden, Norway and Denmark; the canonical form is digits only.

SE: 12 digits, YYYYMMDDNNNC (folkbokföringslagen 18 §), coordination numbers with 60 added to the day. NO: 11
digits, DDMMYYNNNCC. DK: 10 digits, DDMMYYSSSS. The three lengths differ, so that no two countries can meet.
Never needed to stop a number or an address.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from stdnum import luhn
from stdnum.dk import cpr
from stdnum.exceptions import ValidationError
from stdnum.no import fodselsnummer

from app.domain.identifier import Canonical, UnreadableIdentifier, country_of, plain_digits, text_of

_LONGEST_RAW: Final = 32
_EARLIEST_YEAR: Final = 1800
_COORDINATION: Final = 60

_SWEDISH = re.compile(r"([0-9]{2})?([0-9]{2})([0-9]{4})([-+]?)([0-9]{4})")
_NORWEGIAN = re.compile(r"([0-9]{6})-?([0-9]{5})")
_DANISH = re.compile(r"([0-9]{6})-?([0-9]{4})")


class _PersonalNumber:
    code = "personal_number"
    label = "personal identity number"

    def canonicalise(self, raw: str | Mapping[str, str], region: str | None, today: date, /) -> Canonical:
        text, warnings = plain_digits(text_of(raw, _LONGEST_RAW))
        written = text.replace(" ", "")
        if any(character.isalpha() for character in written):
            raise UnreadableIdentifier("LETTERS")
        country = country_of(region) or _country_by_length(written)
        if country not in _READERS:
            raise UnreadableIdentifier("UNSUPPORTED_REGION")
        value = _READERS[country](written, today)
        return Canonical("personal_number", value, (value,), warnings, country)


TYPE: Final = _PersonalNumber()


def _country_by_length(written: str) -> str:
    """Ten digits are a Swedish or a Danish number, and both may be somebody: never a guess."""
    digits = sum(character in "0123456789" for character in written)
    if digits == len("DDMMYYSSSS"):
        raise UnreadableIdentifier("AMBIGUOUS_REGION")
    if digits == len("DDMMYYNNNCC"):
        return "NO"
    return "SE"


def _swedish(written: str, today: date) -> str:
    """Ten digits are a birth within the last hundred calendar years; a plus moves it one century back.

    The day carries 60 more in a coordination number. A serial of 000 is never given out.
    """
    century, year, month_day, sign, rest = _matched(_SWEDISH, written)
    if not century:
        newest = today.year - (100 if sign == "+" else 0)
        century = str((newest - (newest - int(year)) % 100) // 100)
    value = f"{century}{year}{month_day}{rest}"
    month, day = int(month_day[:2]), int(month_day[2:])
    _born(int(century + year), month, day - _COORDINATION if day > _COORDINATION else day, today)
    if rest.startswith("000") or not luhn.is_valid(value[2:]):
        raise UnreadableIdentifier("CHECKSUM")
    return value


def _norwegian(written: str, today: date) -> str:
    """D-numbers add 40 to the day; H-numbers add 40 to the month, and Skatteetaten's invented people 80."""
    value = "".join(_matched(_NORWEGIAN, written))
    if value[9] != fodselsnummer.calc_check_digit1(value) or value[10] != fodselsnummer.calc_check_digit2(
        value
    ):
        raise UnreadableIdentifier("CHECKSUM")
    plain = f"{int(value[:2]) % 40:02}{int(value[2:4]) % 40:02}{value[4:]}"
    _not_later_than(today, fodselsnummer.get_birth_date, plain)
    return value


def _danish(written: str, today: date) -> str:
    """Modulus 11 has not held since 2007 and is not asked; replacement numbers add 60 to the day."""
    value = "".join(_matched(_DANISH, written))
    _not_later_than(today, cpr.get_birth_date, f"{int(value[:2]) % 60:02}{value[2:]}")
    return value


_READERS: Final[Mapping[str, Callable[[str, date], str]]] = {"SE": _swedish, "NO": _norwegian, "DK": _danish}


def _matched(pattern: re.Pattern[str], written: str) -> tuple[str, ...]:
    if not (match := pattern.fullmatch(written)):
        raise UnreadableIdentifier("NOT_A_NUMBER")
    return match.groups(default="")


def _born(year: int, month: int, day: int, today: date) -> None:
    try:
        born = date(year, month, day)
    except ValueError:
        raise UnreadableIdentifier("DATE") from None
    if born.year < _EARLIEST_YEAR or born > today:
        raise UnreadableIdentifier("DATE")


def _not_later_than(today: date, birth_date: Callable[[str], date], plain: str) -> None:
    """The library's validate() reads the clock; its birth dates do not."""
    try:
        born = birth_date(plain)
    except ValidationError:
        raise UnreadableIdentifier("DATE") from None
    if born > today:
        raise UnreadableIdentifier("DATE")
