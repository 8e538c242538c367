"""Promise P7: spelling does not help. Whoever is blocked in one spelling is found in every other."""

import random
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from app.crypto.fingerprints import Fingerprinter
from app.domain.identifiers import canonicalise

TODAY = date(2026, 11, 21)
SEEDS = 500
VARIANTS_EACH = 20


class Person(NamedTuple):
    type: str
    canonical: str


def people(count: int = SEEDS) -> list[Person]:
    """The fiction series for phones, addresses at example.com, and the three test personal numbers."""
    mobiles = [Person("phone", f"+46701740{number}") for number in range(605, 700)]
    landlines = [Person("phone", f"+468465004{number:02}") for number in range(100)]
    numbers = [Person("personal_number", text) for text in ("199001012385", "200002292399", "196408233234")]
    names = ["anna.test{}", "bo_{}", "\u00e5sa-{}", "e{}", "\u00f8yvind.{}.test"]
    domains = ["example.com", "post.example.com", "xn--rksmrgs-5wao1o.example.com"]
    mails = [
        Person("email", f"{names[number % 5].format(number)}@{domains[number % 3]}")
        for number in range(count - len(mobiles) - len(landlines) - len(numbers))
    ]
    return mobiles + landlines + numbers + mails


def scattered(text: str, pieces: list[str], choose: random.Random) -> str:
    """The text with pieces strewn in at random."""
    return "".join(letter + (choose.choice(pieces) if choose.random() < 0.3 else "") for letter in text)


FULL_WIDTH = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}
ARABIC = {ord(str(digit)): chr(0x0660 + digit) for digit in range(10)}
INVISIBLE = ["\u200b", "\u200d", "\u2060", "\ufeff", "\u202a", "\u202c", "\u00ad"]
SEPARATORS = [[""], [" "], ["-"], ["\u00a0", "\u2009"], ["\u2013", "\u2011"], INVISIBLE]


def spelled_phone(canonical: str, choose: random.Random) -> tuple[str, str | None]:
    national = canonical.removeprefix("+46")
    body = scattered(national, choose.choice(SEPARATORS), choose)
    if choose.random() < 0.1:
        body = choose.choice(".-/").join((national[:2], national[2:]))
    prefix, region = choose.choice(
        [
            ("+46", None),
            ("+46 ", "DK"),
            ("0046", None),
            ("00 46 ", "SE"),
            ("+46 (0)", None),
            ("(+46) ", "SE"),
            ("+460", None),
            ("0046(0)", "NO"),
            ("0", "SE"),
            ("(0)", "SE"),
            ("46", "SE"),
            ("tel:+46", None),
        ]
    )
    spelled = prefix + body + choose.choice(["", "", "", " ", "\u200e", " ext. 12", " x7", ";ext=9"])
    return spelled.translate(choose.choice([{}, {}, FULL_WIDTH, ARABIC, {ord("+"): "\uff0b"}])), region


def spelled_email(canonical: str, choose: random.Random) -> tuple[str, str | None]:
    local, domain = canonical.split("@")
    if choose.random() < 0.3:
        local += choose.choice(["+shop", "+a+b", "+1"])
    if choose.random() < 0.5:
        domain = domain.encode().decode("idna")
    address = local + choose.choice("@\uff20") + domain
    if choose.random() < 0.5:
        address = unicodedata.normalize("NFD", address)
    address = "".join(letter.upper() if choose.random() < 0.4 else letter for letter in address)
    address = scattered(address, choose.choice([[""], INVISIBLE]), choose)
    return choose.choice(["", " ", "\t", "mailto:"]) + address + choose.choice(["", " ", "\r\n", "."]), None


def spelled_personal_number(canonical: str, choose: random.Random) -> tuple[str, str | None]:
    digits = canonical[choose.choice([0, 2]) :]
    sign = choose.choice(["", "-", " ", " - ", "\u2013", "\u2212"])
    spelled = f" {digits[:-4]}{sign}{digits[-4:]} ".translate(choose.choice([{}, FULL_WIDTH]))
    return scattered(spelled, choose.choice([["\u200b", "\u00a0"], [" "]]), choose)[:32], "SE"


SPELLED: dict[str, Callable[[str, random.Random], tuple[str, str | None]]] = {
    "phone": spelled_phone,
    "email": spelled_email,
    "personal_number": spelled_personal_number,
}


def variants(person: Person, each: int = VARIANTS_EACH) -> Iterator[tuple[str, str | None]]:
    choose = random.Random(f"2026{person.canonical}")  # noqa: S311 -- reproducible samples, no secret
    return (SPELLED[person.type](person.canonical, choose) for _ in range(each))


def test_no_spelling_misses_its_person_and_none_finds_another() -> None:
    fingerprinter = Fingerprinter(bytes(range(32)))
    owner: dict[object, Person] = {}
    for person in people():
        canonical = canonicalise(person.type, person.canonical, None, TODAY)
        assert canonical.value == person.canonical
        for fingerprint in fingerprinter.indexed(canonical):
            assert owner.setdefault(fingerprint, person) == person
    tried = set()
    for person in people():
        for spelling, region in variants(person):
            canonical = canonicalise(person.type, spelling, region, TODAY)
            found = {
                owner.get(fingerprint) for fingerprint in fingerprinter.asked(canonical, hashed_too=True)
            }
            assert found - {None} == {person}, ascii((spelling, region))
            tried.add((spelling, region))
    assert len(people()) == SEEDS
    assert len(tried) > SEEDS * VARIANTS_EACH * 0.7
