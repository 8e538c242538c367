"""The golden file of spellings is read as it was; the variants themselves are tried in
tests/domain/identifiers.
"""

import lzma
from datetime import date

import pytest

from app.domain import identifiers
from app.domain.identifiers import canonicalise
from tests.proofs import spelling
from tests.proofs.spelling import GOLDEN, GOLDEN_LINES, golden_differences


def test_fifty_thousand_spellings_are_read_as_they_were() -> None:
    assert golden_differences() == (GOLDEN_LINES, [])


def test_the_golden_file_has_every_country_and_every_way_to_be_refused() -> None:
    lines = [line.split("\t") for line in lzma.decompress(GOLDEN.read_bytes()).decode().splitlines()]
    assert len({line[1] for line in lines}) > 240
    assert {line[0] for line in lines} == {"phone", "email", "personal_number"}
    assert len(set(map(tuple, lines))) == GOLDEN_LINES


def test_another_reading_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(kind: str, raw: str, region: str | None, today: date) -> object:
        return canonicalise(kind, raw.replace("+", ""), region, today)

    monkeypatch.setattr(spelling, "canonicalise", careless)
    read, changed = golden_differences(every=100)
    assert 50 < len(changed) < read
    assert identifiers.canonicalise is canonicalise
