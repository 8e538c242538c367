"""P7: spelling does not help. Whoever is blocked in one spelling is found in every other, and nobody else
is.

The golden file has 50,000 spellings of fictitious people and of the library's own example numbers of every
country, each with what it is read as. What is stored is matched by that for ever: a new version of the
library or of its tables must read all of them as before, or the stored fingerprints are made anew.
"""

import lzma
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from app.crypto.fingerprints import Fingerprinter
from app.domain.identifier import UnreadableIdentifier
from app.domain.identifiers import canonicalise
from tests.domain.identifiers.test_spellings import SPELLED, TODAY, Person, people

GOLDEN = Path(__file__).parents[1] / "samples" / "golden_spellings.tsv.xz"
GOLDEN_LINES = 50_000
_KINDS = [PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE, PhoneNumberType.VOIP]
_FORMATS = [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL]


def variants(person: Person, each: int, seed: int) -> Iterator[tuple[str, str | None]]:
    choose = Random(f"{seed}{person.canonical}")  # noqa: S311 - a sample that can be repeated
    return (SPELLED[person.type](person.canonical, choose) for _ in range(each))


def run(*, full: bool, seed: int) -> dict[str, Any]:
    """500 people in 20 spellings each, or 2,000 in 50; and the golden file."""
    began, fingerprinter = monotonic(), Fingerprinter(bytes(range(32)))
    known = people(2000 if full else 500)
    owner: dict[Any, Person] = {}
    violations = []
    for person in known:
        indexed = fingerprinter.indexed(canonicalise(person.type, person.canonical, None, TODAY))
        shared = [one for one in indexed if owner.setdefault(one, person) != person]
        violations += ["two people have a fingerprint in common"] * len(shared)
    tried = 0
    for number, person in enumerate(known):
        for spelling, region in variants(person, 50 if full else 20, seed):
            tried += 1
            if _found(fingerprinter, owner, (person.type, spelling, region)) != {person}:
                violations.append(f"person {number}: a spelling is read as somebody else, or as nobody")
    checked, changed = golden_differences()
    violations += [f"line {line} of the golden file is read in another way" for line in changed]
    seconds = round(monotonic() - began, 1)
    counts = {"people": len(known), "variants": tried, "golden": checked}
    return {"seed": seed, "full": full, "seconds": seconds, **counts, "violations": violations}


def _found(
    fingerprinter: Fingerprinter, owner: dict[Any, Person], spelled: tuple[str, str, str | None]
) -> set[Person]:
    try:
        canonical = canonicalise(*spelled, TODAY)
    except UnreadableIdentifier:
        return set()
    asked = fingerprinter.asked(canonical, hashed_too=True)
    return {owner[one] for one in asked if one in owner}


# --- the golden file ---


def golden_differences(every: int = 1) -> tuple[int, list[int]]:
    """How many lines were read, and the numbers of those that are not read any more as they were."""
    lines = lzma.decompress(GOLDEN.read_bytes()).decode().splitlines()[::every]
    return len(lines), [n for n, line in enumerate(lines, 1) if line != _line(*_asked(line))]


def _asked(line: str) -> tuple[str, str | None, str]:
    kind, region, raw, *_ = line.split("\t")
    return kind, region or None, raw.encode("ascii").decode("unicode_escape")


def _line(kind: str, region: str | None, raw: str) -> str:
    """Type, region, what was written (ASCII, escaped), and the forms that it is read as, or why it is not."""
    try:
        read = "\t".join(canonicalise(kind, raw, region, TODAY).forms)
    except UnreadableIdentifier as unreadable:
        read = f"!{unreadable.reason}"
    return f"{kind}\t{region or ''}\t{raw.encode('unicode_escape').decode('ascii')}\t{read}"


def _examples() -> Iterator[tuple[str, str | None, str]]:
    """The library's own example numbers: nobody's, and of every country."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in _KINDS:
            if example := phonenumbers.example_number_for_type(region, kind):
                for shape in _FORMATS:
                    yield "phone", region, phonenumbers.format_number(example, shape)


def write_golden() -> None:
    """Made once; it is made anew only together with the fingerprints that are stored."""
    lines = dict.fromkeys(_line(*one) for one in _examples())
    spellings = [
        (person.type, region, spelling)
        for person in people(1000)
        for spelling, region in variants(person, 80, 7229)
    ]
    for one in spellings:
        if len(lines) == GOLDEN_LINES:
            break
        lines[_line(*one)] = None
    GOLDEN.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME))
