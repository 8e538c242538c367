"""What an identifier is, whichever its type: read once at the border, then only in canonical form.

The registry matches by identifier, never by customer record. One canonicaliser serves what is written and
what is asked, so that spelling does not help anybody past an objection. Whatever is ambiguous is refused,
never guessed (GDPR Art. 25); a refused identifier blocks its own item as `INPUT_INVALID`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

import phonenumbers

NORMALISER_VERSION: Final = f"2+pn{phonenumbers.__version__}"

REASONS: Final[Mapping[str, str]] = {
    "EMPTY": "there is nothing to read",
    "TOO_LONG": "longer than any identifier of this type",
    "NOT_TEXT": "a text was expected, or for a postal address its fields",
    "CONTROL_CHARACTERS": "contains control characters or broken Unicode",
    "LETTERS": "contains letters where only digits can stand",
    "CHARACTERS": "contains characters that such an identifier never has",
    "TWO_VALUES": "more than one identifier in one field",
    "AMBIGUOUS_REGION": "could be several numbers: a region is needed, or a plus and the country code",
    "UNSUPPORTED_REGION": "identifiers of this type are not read for that region",
    "NOT_A_NUMBER": "no number of that country looks like this",
    "NOT_AN_ADDRESS": "not an e-mail address",
    "DATE": "the date in it does not exist or lies in the future",
    "CHECKSUM": "the check digits do not fit",
    "MISSING_FIELD": "a postal address needs name, street, postal code and country",
    "UNKNOWN_FIELD": "a postal address has no such field",
    "UNKNOWN_TYPE": "there is no such type of identifier",
    "NOT_A_SHA256": "a SHA-256 is 64 hexadecimal digits",
    "HASH_NOT_ACCEPTED": "identifiers of this type cannot be given as a hash",
}

WARNINGS: Final[Mapping[str, str]] = {
    "POSSIBLE_NOT_VALID": "a possible number outside the ranges known to be in use; accepted all the same",
    "EXTENSION_DROPPED": "the extension after the number is not part of it",
    "TYPOGRAPHIC_CHARACTERS": "typographic, foreign or invisible characters were read as plain ones",
    "PLUS_TAG": "also matched without the tag after the plus",
    "MIXED_SCRIPT": "letters of several scripts stand together, which may be a look-alike",
}


class UnreadableIdentifier(ValueError):  # noqa: N818 -- a word of the field: it is the identifier that is unreadable
    """An identifier that is refused. `reason` is one of `REASONS`; the input is never repeated."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}: {REASONS[reason]}")
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class Canonical:
    """An identifier in its one spelling.

    `forms` are all spellings under which it is stored and asked, the canonical one first. `region` is the
    ISO 3166 country that a number or address belongs to, where known. Personal data has no printable form.
    """

    type: str
    value: str
    forms: tuple[str, ...]
    warnings: tuple[str, ...]
    region: str | None

    def __repr__(self) -> str:
        return f"Canonical({self.type}, …)"


@dataclass(frozen=True, slots=True, repr=False)
class HashedIdentifier:
    """A SHA-256 of a canonical form in UTF-8, given in place of the value; 64 lower-case hexadecimal digits.

    `type` is the type of what was hashed. An unkeyed hash of a phone number hides nothing, so it is not
    printable either.
    """

    type: str
    sha256: str

    def __repr__(self) -> str:
        return f"HashedIdentifier({self.type}, …)"


class IdentifierType(Protocol):
    """One file in `identifiers/` per type, found by discovery. `code` is permanent."""

    code: str
    label: str

    def canonicalise(self, raw: str | Mapping[str, str], region: str | None, today: date, /) -> Canonical:
        """Raises UnreadableIdentifier. `region` is the ISO 3166 code of where `raw` was written."""
        ...


# C0 and C1 controls, the two Unicode line ends, and surrogates, which no UTF-8 text can hold.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_SPACES: Final = dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_TYPOGRAPHIC: Final[Mapping[int, str | None]] = {
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D), "-"),
    0xFF08: "(",
    0xFF09: ")",
    0xFF0B: "+",
    0xFF0E: ".",
    0xFF0F: "/",
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    **{0x0660 + digit: str(digit) for digit in range(10)},
    **{0x06F0 + digit: str(digit) for digit in range(10)},
    # Soft hyphen, zero-width characters, direction marks and the byte order mark are not visible at all.
    **dict.fromkeys((0xAD, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065))),
    **dict.fromkeys((*range(0x2066, 0x206A), 0xFEFF)),
}


def text_of(raw: object, longest: int) -> str:
    """The trimmed text, at most `longest` characters long before trimming. Raises UnreadableIdentifier."""
    if not isinstance(raw, str):
        raise UnreadableIdentifier("NOT_TEXT")
    if len(raw) > longest:
        raise UnreadableIdentifier("TOO_LONG")
    text = raw.strip()
    if _CONTROL.search(text):
        raise UnreadableIdentifier("CONTROL_CHARACTERS")
    if not text:
        raise UnreadableIdentifier("EMPTY")
    return text


def plain_digits(text: str) -> tuple[str, tuple[str, ...]]:
    """A number in ASCII digits and signs as far as an explicit table reaches, and the warnings about it.

    Full-width and Arabic-Indic digits, dashes of any length and invisible characters have one plain
    counterpart each. Anything else stays for the type to refuse: a superscript is not a digit.
    """
    spaced = text.translate(_SPACES)
    plain = spaced.translate(_TYPOGRAPHIC).strip()
    if not plain:
        raise UnreadableIdentifier("EMPTY")
    return plain, (() if plain == spaced else ("TYPOGRAPHIC_CHARACTERS",))


def country_of(region: str | None) -> str | None:
    """ISO 3166 code in capitals; "UK" is how many write GB."""
    if region is None or not (code := region.strip().upper()):
        return None
    return "GB" if code == "UK" else code
