"""Postal addresses: the canonical form is country|postal code|street|name, folded (Unicode NFKC casefold).

An address is matched with the name, for an objection is a person's, not a household's. "Test, Anna" and
"Anna Test" are one name, so its words are sorted. The city says nothing that the postal code does not.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final

from app.domain.identifier import Canonical, UnreadableIdentifier, country_of, text_of

_LONGEST_RAW: Final = 200
_FIELDS: Final = frozenset({"name", "street", "postal_code", "city", "country"})

_COUNTRY = re.compile("[A-Z]{2}")
# "SE-123 45", "S-123 45": a prefix for mail from abroad, not a part of the code.
_MAIL_PREFIX = re.compile("^[a-z]{1,3}-(?=.*[0-9])")
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`\u00b4\u2018\u2019\u02bc"))
_LETTER_OF_HOUSE = re.compile(r"(?<=[0-9]) (?=[^\W\d_](?: |$))")


class _PostalAddress:
    code = "postal_address"
    label = "postal address"

    def canonicalise(self, raw: str | Mapping[str, str], region: str | None, _today: date, /) -> Canonical:
        if isinstance(raw, str):
            raise UnreadableIdentifier("NOT_TEXT")
        if not raw.keys() <= _FIELDS:
            raise UnreadableIdentifier("UNKNOWN_FIELD")
        fields = {name: text_of(text, _LONGEST_RAW) for name, text in raw.items() if text is not None}
        if not fields.keys() >= {"name", "street", "postal_code"}:
            raise UnreadableIdentifier("MISSING_FIELD")
        country = country_of(fields.get("country", region))
        if country is None:
            raise UnreadableIdentifier("MISSING_FIELD")
        if not _COUNTRY.fullmatch(country):
            raise UnreadableIdentifier("UNSUPPORTED_REGION")
        value = "|".join(
            (
                country,
                _postal_code(fields["postal_code"], country),
                _LETTER_OF_HOUSE.sub("", _words(fields["street"])),
                " ".join(sorted(_words(fields["name"]).split())),
            )
        )
        return Canonical("postal_address", value, (value,), (), country)


TYPE: Final = _PostalAddress()


def _folded(text: str) -> str:
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())


def _words(text: str) -> str:
    """Letters, digits and their marks; apostrophes vanish, all else parts words. Raises if none is left."""
    kept = (
        character if character.isalnum() or unicodedata.category(character).startswith("M") else " "
        for character in _folded(text.translate(_APOSTROPHES))
    )
    words = " ".join("".join(kept).split())
    if not words:
        raise UnreadableIdentifier("EMPTY")
    return words


def _postal_code(text: str, country: str) -> str:
    code = _words(_MAIL_PREFIX.sub("", _folded(text))).replace(" ", "")
    return code.removeprefix(country.lower()) or code
