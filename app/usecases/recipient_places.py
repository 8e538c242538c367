"""Where the recipients of a lookup are, as far as what was asked tells; read only where a rule may look.

An identifier tells by its value: a phone number by its code, an address by its country, an e-mail by its
domain. One that cannot, such as a hash, may have its `region` beside it; the request's own stands for all of
whom nothing tells.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


def places_of(question: Question, asked: Asked, items: Sequence[Any], region: str | None) -> Places:
    """The place of each recipient, or nothing at all where no rule would look at it."""
    if not place_matters(question):
        return Places(NOWHERE, {})
    if _all_called_elsewhere(asked):
        return Places(Place(frozenset({ELSEWHERE})), {})
    countries = _countries(asked, items)
    offices = _offices(asked) if question.legal_person else set()
    stated = stated_country(region)
    otherwise = frozenset({stated}) if stated else frozenset()
    places = {
        index: Place(countries.get(index, otherwise), index in offices)
        for index in countries.keys() | offices
    }
    return _sorted(places, Place(otherwise), asked.count)


def _all_called_elsewhere(asked: Asked) -> bool:
    """Whether there are phone numbers alone, and none of a country with a rule for calls: the usual lookup,
    and judged without a look at each."""
    if any(owners for kind, (_, owners) in asked.texts.items() if kind != "phone"):
        return False
    numbers = asked.texts.get("phone", ((), ()))[0]
    joined = "".join(numbers)
    return len(numbers) > 0 and not any(code in joined for code in CALLING_CODES if code != "+46")


def _countries(asked: Asked, items: Sequence[Any]) -> dict[int, frozenset[str]]:
    """By item the countries that its identifiers tell."""
    told: dict[int, frozenset[str]] = {}
    for kind, (texts, owners) in asked.texts.items():
        tell = _TELLS.get(kind, _nothing)
        for text, owner in zip(texts, owners, strict=True):
            if country := tell(text):
                told[owner] = told.get(owner, frozenset()) | {country}
    for index, item in enumerate(items):
        stated = _stated(item) if isinstance(item, Mapping) else frozenset()
        if stated:
            told[index] = told.get(index, frozenset()) | stated
    return told


def _nothing(_text: str) -> None:
    """A customer's number, a hash: it tells no country."""


def _stated(item: Mapping[str, Any]) -> frozenset[str]:
    """The regions beside identifiers whose value does not tell the country."""
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


def _sorted(places: dict[int, Place], otherwise: Place, count: int) -> Places:
    """The place of the most, and the others by index."""
    counts = Counter(places.values())
    counts[otherwise] += count - len(places)
    usual = counts.most_common(1)[0][0]
    everywhere: Iterable[int] = range(count) if usual != otherwise else places
    special = {n: places.get(n, otherwise) for n in everywhere if places.get(n, otherwise) != usual}
    return Places(usual, special)
