"""Every way in has a file of samples, and reads each of them as the file says."""

import json
import pkgutil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import app.intake
from app.domain.call_backs import Call, Meaning, UnreadableCallError
from app.domain.channels import CHANNELS
from app.intake import WAYS
from tests.architecture.repository import ROOT

FOLDER = ROOT / "tests" / "samples" / "intake"
SAMPLES = {file.stem: json.loads(file.read_text()) for file in FOLDER.glob("*.json")}
MODULES = {Path(str(way.__class__.__module__.replace(".", "/"))).name: way for way in WAYS.values()}

SINCH = "x-sinch-webhook-signature"
SIGNATURES = ("authorization", "x-twilio-signature", "x-twilio-email-event-webhook-signature", SINCH)


def samples_of(part: str) -> list[Any]:
    return [
        pytest.param(name, sample, id=f"{name}-{index}")
        for name, samples in sorted(SAMPLES.items())
        for index, sample in enumerate(samples[part])
    ]


def call(sample: dict[str, Any]) -> Call:
    if "form" in sample:
        return Call("", {}, urlencode(sample["form"]).encode())
    raw: str = json.dumps(sample["json"]) if "json" in sample else sample["raw"]
    return Call("", {}, raw.encode())


def test_each_file_in_the_folder_is_a_way_with_a_file_of_samples() -> None:
    files = {module.name for module in pkgutil.iter_modules(app.intake.__path__)}
    assert files == set(MODULES) == set(SAMPLES)
    for name, samples in SAMPLES.items():
        assert samples["accepted"], name
        assert samples["refused"], name
        assert {one[1] for sample in samples["accepted"] for one in sample["drafts"]} > {"opt_out"}
        assert frozenset(samples["secrets"]) in MODULES[name].secrets


@pytest.mark.parametrize(("name", "sample"), samples_of("accepted"))
def test_an_accepted_call_back_says_what_its_sample_says(name: str, sample: dict[str, Any]) -> None:
    drafts = MODULES[name].read(call(sample))
    assert [[one.message_id, one.meaning.value, one.identifier] for one in drafts] == sample["drafts"]
    for draft in drafts:
        assert CHANNELS[draft.channel].bare == draft.identifier_type
        assert draft.occurred_at is None or draft.occurred_at.utcoffset() is not None


@pytest.mark.parametrize(("name", "sample"), samples_of("refused"))
def test_a_refused_call_back_is_unreadable(name: str, sample: dict[str, Any]) -> None:
    with pytest.raises(UnreadableCallError):
        MODULES[name].read(call(sample))


@pytest.mark.parametrize("name", sorted(MODULES))
@pytest.mark.parametrize("header", ["", "Basic", "Basic \udce5", "x", "AAAA", "é"])
def test_no_way_takes_what_is_not_signed_or_fails_over_it(name: str, header: str) -> None:
    way = MODULES[name]
    for sample in SAMPLES[name]["accepted"] + SAMPLES[name]["refused"]:
        sent = call(sample)
        named = dict.fromkeys(SIGNATURES, header) | {f"{SINCH}-nonce": "n", f"{SINCH}-timestamp": "1"}
        unproven = Call("https://sparr.example/x", named, sent.body)
        assert not way.verify(unproven, SAMPLES[name]["secrets"])


def test_nothing_but_an_opt_out_can_be_made_of_a_message() -> None:
    assert set(Meaning) == {Meaning.OPT_OUT, Meaning.OPT_IN, Meaning.NOT_UNDERSTOOD, Meaning.NO_WISH}
