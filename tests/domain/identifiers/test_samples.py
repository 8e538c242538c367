"""Every type of identifier has a file of samples, and reads each of them as the file says."""

import json
import pkgutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import app.domain.identifiers
from app.domain.identifier import REASONS, WARNINGS, Canonical, UnreadableIdentifier
from app.domain.identifiers import IDENTIFIER_TYPES, canonicalise

TODAY = date(2026, 11, 21)
FOLDER = Path(__file__).parents[2] / "samples" / "identifiers"
SAMPLES = {file.stem: json.loads(file.read_text()) for file in FOLDER.glob("*.json")}


def samples_of(part: str) -> list[Any]:
    return [
        pytest.param(code, sample, id=f"{code}-{index}")
        for code, samples in sorted(SAMPLES.items())
        for index, sample in enumerate(samples[part])
    ]


def read(code: str, sample: dict[str, Any]) -> Canonical:
    return canonicalise(code, sample["raw"], sample["region"], TODAY)


def test_each_file_in_the_folder_is_a_type_with_a_file_of_samples() -> None:
    files = {module.name for module in pkgutil.iter_modules(app.domain.identifiers.__path__)}
    assert files == set(IDENTIFIER_TYPES) == set(SAMPLES)
    for code, samples in SAMPLES.items():
        assert samples["accepted"], code
        assert samples["refused"], code
        assert IDENTIFIER_TYPES[code].label


@pytest.mark.parametrize(("code", "sample"), samples_of("accepted"))
def test_a_sample_is_read_as_its_one_spelling(code: str, sample: dict[str, Any]) -> None:
    canonical = read(code, sample)
    assert canonical.type == code
    assert canonical.value == sample["canonical"]
    assert canonical.forms == tuple(sample.get("forms", [sample["canonical"]]))
    assert canonical.warnings == tuple(sample.get("warnings", canonical.warnings))
    assert canonical.region == sample.get("country", canonical.region)
    assert set(canonical.warnings) <= set(WARNINGS)


@pytest.mark.parametrize(("code", "sample"), samples_of("refused"))
def test_a_sample_that_is_refused_says_why(code: str, sample: dict[str, Any]) -> None:
    with pytest.raises(UnreadableIdentifier) as refusal:
        read(code, sample)
    assert refusal.value.reason == sample["reason"]


@pytest.mark.parametrize(("code", "sample"), samples_of("refused"))
def test_a_refusal_never_repeats_what_was_sent(code: str, sample: dict[str, Any]) -> None:
    with pytest.raises(UnreadableIdentifier) as refusal:
        read(code, sample)
    assert str(refusal.value) == f"{refusal.value.reason}: {REASONS[refusal.value.reason]}"
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


@pytest.mark.parametrize(("code", "sample"), samples_of("accepted"))
def test_a_canonical_form_read_again_is_itself(code: str, sample: dict[str, Any]) -> None:
    canonical = read(code, sample)
    if isinstance(sample["raw"], str):
        again = canonicalise(code, canonical.value, canonical.region, TODAY)
        assert (again.value, again.forms) == (canonical.value, canonical.forms)


@pytest.mark.parametrize(("code", "sample"), samples_of("accepted"))
def test_an_identifier_has_no_printable_form(code: str, sample: dict[str, Any]) -> None:
    assert repr(read(code, sample)) == f"{read(code, sample)}" == f"Canonical({code}, …)"


def test_every_reason_and_every_warning_occurs_in_some_sample() -> None:
    refused = {sample["reason"] for samples in SAMPLES.values() for sample in samples["refused"]}
    warned = {
        warning
        for samples in SAMPLES.values()
        for sample in samples["accepted"]
        for warning in sample.get("warnings", [])
    }
    assert refused == set(REASONS) - {"UNKNOWN_TYPE", "NOT_A_SHA256", "HASH_NOT_ACCEPTED"}
    assert warned == set(WARNINGS)
