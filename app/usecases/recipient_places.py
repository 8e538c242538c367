"""Where the recipients of a lookup are, as far as what was asked tells; read only where a rule may look.

An identifier tells by its value: a phone number by its code, an address by its country, an e-mail by its
domain. One that cannot, such as a hash, may have its `region` beside it; the request's own stands for all of
whom nothing tells.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.domain.column import Column
from app.domain.facts import Question
from app.domain.places import (
    CALLING_CODES,
    ELSEWHERE,
    NOWHERE,
    Place,
    calling_country,
    mail_country,
    of_an_office,
    stated_country,
)
from app.domain.rules_countries import place_matters
from app.usecases.asked_identifiers import Asked

_TELLS: Mapping[str, Callable[[str], str | None]] = {
    "phone": calling_country,
    "email": mail_country,
    "postal_address": lambda text: text.partition("|")[0],
}
_OF_A_PERSON = ("personal_number", "personal_number_sha256", "email_sha256")
"""What an office does not have, or nobody can read as one."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where most recipients are, and by index where the others are instead."""

    usual: Place
    special: Mapping[int, Place]

    def of(self, index: int) -> Place:
        """Where one recipient is."""
        return self.special.get(index, self.usual)


def places_weight(question: Question, asked: Asked) -> int:
    """What it weighs to say where recipients are: nothing, where no rule would look at it."""
    return asked.count if place_matters(question) else 0


def places_of(question: Question, asked: Asked, items: Sequence[Any], region: str | None) -> Places:
    """The place of each recipient, or nothing at all where no rule would look at it."""
    if not place_matters(question):
        return Places(NOWHERE, {})
    if _all_called_elsewhere(asked):
        return Places(Place(frozenset({ELSEWHERE})), {})
    stated = stated_country(region)
    otherwise = _only(stated) if stated else NOWHERE.countries
    groups = _groups(_countries(asked, items), _offices(asked) if question.legal_person else set(), otherwise)
    silent = set(range(asked.count)).difference(*groups.values())
    groups.setdefault(Place(otherwise), []).extend(silent)
    usual = max(groups, key=lambda place: len(groups[place]))
    special = {index: place for place, members in groups.items() if place != usual for index in members}
    return Places(usual, special)


def _groups(
    countries: Mapping[int, frozenset[str]], offices: set[int], otherwise: frozenset[str]
) -> dict[Place, list[int]]:
    """The items of each place, as far as anything tells of them."""
    groups: dict[tuple[frozenset[str], bool], list[int]] = {}
    for index, mine in countries.items():
        groups.setdefault((mine, index in offices), []).append(index)
    for index in offices - countries.keys():
        groups.setdefault((otherwise, True), []).append(index)
    return {Place(*place): members for place, members in groups.items()}


def _all_called_elsewhere(asked: Asked) -> bool:
    """Whether there are phone numbers alone, and none of a country with a rule for calls: the usual lookup,
    and judged without a look at each."""
    asked_of = [(kind, texts) for kind, texts, _ in asked.groups if len(texts)]
    if not asked_of or any(kind != "phone" for kind, _ in asked_of):
        return False
    # The bytes of a column may have more in them than its texts: then each is looked at, and no harm done.
    runs = (
        texts.data.tobytes() if isinstance(texts, Column) else "".join(texts).encode()
        for _, texts in asked_of
    )
    codes = [code.encode() for code in CALLING_CODES if code != "+46"]
    return not any(code in run for run in runs for code in codes)


def _countries(asked: Asked, items: Sequence[Any]) -> dict[int, frozenset[str]]:
    """By item the countries that its identifiers tell."""
    told: dict[int, frozenset[str]] = {}
    for kind, (texts, owners) in asked.texts.items():
        tell = _TELLS.get(kind, _nothing)
        for text, owner in zip(texts, owners, strict=True):
            if country := tell(text):
                told[owner] = told[owner] | {country} if owner in told else _only(country)
    for index, item in enumerate(items):
        if not isinstance(item, str) and (stated := _stated(item)):
            told[index] = told.get(index, frozenset()) | stated
    return told


@cache
def _only(country: str) -> frozenset[str]:
    return frozenset({country})


def _nothing(_text: str) -> None:
    """A customer's number, a hash: it tells no country."""


def _stated(item: Any) -> frozenset[str]:
    """The regions beside identifiers whose value does not tell the country."""
    if not isinstance(item, Mapping):
        return frozenset()
    parts = item.get("all", [item])
    identifiers = [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
    silent = (
        one for one in identifiers if one.get("sha256") or one.get("type") not in {"phone", "postal_address"}
    )
    return frozenset(filter(None, (stated_country(one.get("region")) for one in silent)))


def _offices(asked: Asked) -> set[int]:
    """The items whose e-mail addresses, of which there are some, are all those of a role."""
    texts, owners = asked.texts.get("email", ((), ()))
    personal = {owner for text, owner in zip(texts, owners, strict=True) if not of_an_office(text)}
    for kind in _OF_A_PERSON:
        personal.update(asked.texts.get(kind, ((), ()))[1])
    return set(owners) - personal
