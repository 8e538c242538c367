"""An identifier that the vault keeps is read again as what it was, whatever its type and country."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.domain.identifier import Canonical
from app.domain.identifiers import HASHED_TYPES, canonicalise, hashed
from app.usecases.read_identifiers import given_of, plain_of, read_identifier

TODAY = date(2026, 11, 21)
FOLDER = Path(__file__).parents[1] / "samples" / "identifiers"
ACCEPTED = [
    pytest.param(file.stem, sample, id=f"{file.stem}-{index}")
    for file in sorted(FOLDER.glob("*.json"))
    for index, sample in enumerate(json.loads(file.read_text())["accepted"])
]


@pytest.mark.parametrize(("code", "sample"), ACCEPTED)
def test_what_is_kept_is_read_as_itself(code: str, sample: dict[str, Any]) -> None:
    kept = canonicalise(code, sample["raw"], sample["region"], TODAY)
    again = read_identifier(given_of(plain_of(kept)), TODAY)
    assert isinstance(again, Canonical)
    assert (again.type, again.value) == (kept.type, kept.value)


@pytest.mark.parametrize("code", sorted(HASHED_TYPES))
def test_what_came_as_a_hash_is_kept_and_read_as_one(code: str) -> None:
    kept = hashed(code, "ab" * 32)
    assert read_identifier(given_of(plain_of(kept)), TODAY) == kept
