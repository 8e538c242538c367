"""Phone numbers: the canonical form is E.164, a plus and at most 15 digits (ITU-T E.164 §6).

The phonenumbers library knows the world's numbering plans, but it makes other people's numbers out of junk:
letters and text become digits, superscripts vanish. So only digits ever reach it. A number that is *possible*
is enough: a wrong rejection loses a right, and the ranges in use change every week.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from app.domain.identifier import Canonical, UnreadableIdentifier, country_of, plain_digits, text_of

_LONGEST_RAW: Final = 64
_LONGEST_E164: Final = len("+") + 15
_FEWEST_AFTER_AREA: Final = 4


class Range(NamedTuple):
    """Numbers whose E.164 spelling is canonical already: leading digits, and how many more may follow."""

    country: str
    code: str
    leading: str
    fewest: int
    most: int

    def leads(self, digits: str) -> int | None:
        """How many of these digits after the country code are leading ones; None when they do not lead."""
        found = re.match(self.leading, digits)
        return found.end() if found else None


# Mobile and geographic ranges that are wholly in use. A test compares all of them with the library; a number
# outside is not wrong, it is only read by the library.
RANGES: Final = (
    Range("SE", "46", "7[02369]", 7, 7),
    Range("SE", "46", "8", 6, 8),
    Range("SE", "46", "1[136]|2[136]|3[356]|4[0246]|6[03]", 5, 7),
    Range("SE", "46", "1[89]|31|54", 6, 7),
    Range("NO", "47", "4[016-8]|9[0-9]", 6, 6),
    Range("NO", "47", "2[1-4]|3[1-3578]|5[1-35-7]|6[1-46-9]|7[0-8]", 6, 6),
    Range("DK", "45", "(?:2[0-9]|3[0-689]|[4-7][0-9]|8[126-9]|9[1-46-9])[1-9]", 5, 5),
    Range("DK", "45", "2[6-8]|6[78]", 6, 6),
    Range("FI", "358", "4[0-8]|50", 4, 8),
    Range("FI", "358", "[23568][1-8]|9[1-8]", 4, 7),
    Range("GB", "44", "7[1-3]", 8, 8),
    Range("GB", "44", "74[0-46-9]|75[13-9]|77[1-7]|78[014-9]|79[04-9]", 7, 7),
    Range("GB", "44", "1(?:41|51|61|91)|20[378]|23[89]|29[0-2]", 7, 7),
    Range("DE", "49", "15[0-25-9]", 8, 8),
    Range("DE", "49", "16[023]|17[0-9]", 7, 8),
    Range("DE", "49", "[34]0|[68]9", 4, 9),
    Range("DE", "49", "(?:2[0-8]|3[3-9]|4[2-8]|5[1-9]|6[1-8]|7[1-9]|8[1-8]|9[1-9])1", 4, 8),
)


def _exact_pattern() -> re.Pattern[str]:
    countries: dict[tuple[str, str], list[str]] = {}
    for row in RANGES:
        digits = f"(?:{row.leading})[0-9]{{{row.fewest},{row.most}}}"
        countries.setdefault((row.country, row.code), []).append(digits)
    each = (f"(?P<{country}>{code}(?:{'|'.join(rows)}))" for (country, code), rows in countries.items())
    return re.compile(rf"\+(?:{'|'.join(each)})")


_EXACT: Final = _exact_pattern()

_URI = re.compile("^tel:", re.IGNORECASE)  # RFC 3966
# A bare x needs a gap before it: without one it is as often a masked digit ("0701740x05").
_EXTENSION = re.compile(
    r"(?:[ ,;]*(?:extension|extn?|anknytning|ankn?|lokal)[ .:=]*|[ ,;]+x[ .:]*|[ ,;]*# *)[0-9]{1,7}$",
    re.IGNORECASE,
)
_WRITTEN = re.compile(r"[( ]*\+?[0-9()\-./ ]*")
_ZERO_AT_HOME = re.compile(r"^([( ]*(?:\+|00)[^0-9]{0,3}[1-9][0-9]{0,2}[^0-9(]{0,3})\( ?0 ?\)")
_SEVERAL = re.compile(r"[0-9)] *[,;|&] *[+(]?[0-9]|[0-9]{7,} +[0-9]{7,}|[0-9][^+]*\+")
# What a spreadsheet makes of a number: "46701740605.0".
_DECIMALS = re.compile(r"[0-9]{7,}\.00?")


def already_canonical(text: str) -> bool:
    """True only if canonicalise() would give back exactly this text, without a warning, for any region."""
    return _EXACT.fullmatch(text) is not None


class _Phone:
    code = "phone"
    label = "phone number"

    def canonicalise(self, raw: str | Mapping[str, str], region: str | None, _today: date, /) -> Canonical:
        if isinstance(raw, str) and (exact := _EXACT.fullmatch(raw)):
            return Canonical("phone", raw, (raw,), (), exact.lastgroup)
        text, warnings = plain_digits(text_of(raw, _LONGEST_RAW))
        text = _URI.sub("", text)
        written = _EXTENSION.sub("", text)
        if written != text:
            warnings += ("EXTENSION_DROPPED",)
        value = _number(written, country_of(region))
        if exact := _EXACT.fullmatch(value):
            return Canonical("phone", value, (value,), warnings, exact.lastgroup)
        return _outside_the_ranges(value, warnings)


TYPE: Final = _Phone()


def _digits(written: str) -> str:
    """Digits, with a plus before them if there was one: nothing that is left for the library to interpret."""
    if any(character.isalpha() for character in written):
        raise UnreadableIdentifier("LETTERS")
    if _SEVERAL.search(written) or _slash_parts_two_numbers(written):
        raise UnreadableIdentifier("TWO_VALUES")
    if not _WRITTEN.fullmatch(written):
        raise UnreadableIdentifier("CHARACTERS")
    digits = re.sub(r"[^0-9+]", "", written)
    if not digits.strip("+") or _DECIMALS.fullmatch(written.lstrip("+")):
        raise UnreadableIdentifier("NOT_A_NUMBER")
    return digits


def _slash_parts_two_numbers(written: str) -> bool:
    """A slash may stand once, after the area code ("08/465 004 00"); else it joins numbers ("…05/06")."""
    before, slash, after = (re.sub(r"[^0-9+/]", "", part) for part in written.partition("/"))
    longest_area = 8 if before.startswith(("+", "00")) else 5
    area_first = len(before.lstrip("+")) <= longest_area and len(after) >= _FEWEST_AFTER_AREA
    return bool(slash) and ("/" in after or not area_first)


def _number(written: str, country: str | None) -> str:
    """In "+48 (0)512…" the zero is dialled at home only; in "+39 (0)6…" it is part of the number. It is left
    out where only that makes a number in use."""
    texts = (written, _ZERO_AT_HOME.sub(r"\1", written))
    if texts[0] != texts[1]:
        whole, without = (_if_possible("+" + _digits(text).lstrip("+0"), None) for text in texts)
        if without and _in_use(without) and not (whole and _in_use(whole)):
            return without
    return _read(_digits(written), country)


def _read(digits: str, country: str | None) -> str:
    """E.164 from digits. No country code begins with a zero: "+00" can only be both prefixes at once."""
    if digits.startswith("+"):
        return _e164(re.sub(r"^\+00", "+", digits), None)
    if country in phonenumbers.SUPPORTED_REGIONS:
        return _without_plus(digits, country)
    if digits.startswith("00"):
        return _e164(f"+{digits[2:]}", None)
    raise UnreadableIdentifier("AMBIGUOUS_REGION")


def _without_plus(digits: str, country: str) -> str:
    """Digits as dialled in this country, unless with a plus before them they are another number.

    "468208500" is 08-20 85 00 with Sweden's country code, or 046-820 85 00 without its zero: two people, so
    neither. It is the number at home only if that is in use and written as its country writes it (in Italy
    "391 234 5678"), and the other is not. "00" is the commonest international prefix (ITU-T E.164 recommends
    it), and some write it where another is dialled: it is one if that alone makes a number in use.
    """
    abroad = _with_plus(digits, country)
    if abroad is None:
        return _e164(digits, country)
    home = _if_possible(digits, country)
    if home == abroad:
        return abroad
    used_at_home, used_abroad = home is not None and _in_use(home), _in_use(abroad)
    if home and used_at_home and not used_abroad and _as_written_at_home(digits, country):
        return home
    if digits.startswith("00") and used_abroad and not used_at_home:
        return abroad
    raise UnreadableIdentifier("AMBIGUOUS_REGION")


def _with_plus(digits: str, country: str) -> str | None:
    """The number if a plus was left out before the country's own code, or "00" stands for it."""
    if digits.startswith("00"):
        return _if_possible(f"+{digits[2:]}", None)
    own = str(phonenumbers.country_code_for_region(country))
    return _if_possible(f"+{digits}", None) if digits.startswith(own) else None


def _as_written_at_home(digits: str, country: str) -> bool:
    national = phonenumbers.format_number(phonenumbers.parse(digits, country), PhoneNumberFormat.NATIONAL)
    return re.sub("[^0-9]", "", national) == digits


def _in_use(value: str) -> bool:
    """Whether the number lies in a range that the library knows to be in use."""
    return phonenumbers.is_valid_number(phonenumbers.parse(value))


def _if_possible(dialled: str, country: str | None) -> str | None:
    try:
        return _e164(dialled, country)
    except UnreadableIdentifier:
        return None


def _e164(dialled: str, country: str | None) -> str:
    """The library's reading, made stable: read again, its spelling is the same.

    It takes away one trunk zero at a time and may find another when it reads its own answer. What a caller is
    given as canonical must match when it comes back, so reading is repeated until nothing changes.
    """
    if _EXACT.fullmatch(dialled):
        return dialled
    value = _read_once(dialled, country)
    while not _EXACT.fullmatch(value) and (again := _read_once(value, None)) != value:
        value = again
    return value


def _read_once(dialled: str, country: str | None) -> str:
    try:
        number = phonenumbers.parse(dialled, country)
    except NumberParseException:
        raise UnreadableIdentifier("NOT_A_NUMBER") from None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise UnreadableIdentifier("NOT_A_NUMBER")
    value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if len(value) > _LONGEST_E164:
        raise UnreadableIdentifier("TOO_LONG")
    return value


def _outside_the_ranges(value: str, warnings: tuple[str, ...]) -> Canonical:
    """A number that the table does not vouch for."""
    number = phonenumbers.parse(value)
    if not phonenumbers.is_valid_number(number):
        warnings += ("POSSIBLE_NOT_VALID",)
    return Canonical("phone", value, (value,), warnings, _country(number))


def _country(number: PhoneNumber) -> str | None:
    """The number's country; when it is not in use, the main country of its code; None for worldwide ones."""
    found = phonenumbers.region_code_for_number(number)
    if found is None and number.country_code is not None:
        found = phonenumbers.region_code_for_country_code(number.country_code)
    return found if found in phonenumbers.SUPPORTED_REGIONS else None
