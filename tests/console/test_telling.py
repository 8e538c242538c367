"""What an event says of itself: in the language of the reader, and without internal numbers."""

from collections.abc import Callable
from typing import Any

import pytest

from app.console.telling import told
from app.console.words import LANGUAGES, has_word, word


def worded(language: str) -> Callable[[str, str], str]:
    def code(group: str, one: str) -> str:
        return word(language, f"{group}.{one}") if has_word(f"{group}.{one}") else one

    return code


DETAILS: list[dict[str, Any]] = [
    {"state": "active", "level": 3, "evidence": "bankid_se", "checks": {"BANKID_ACT": "passed"}},
    {"state": "contested", "finding": "forged", "objections": 8},
    {"state": "revoked", "by": "grantor", "reason": "Changed her mind"},
    {"state": "superseded", "superseded_by": "01a2018f-e266-7fed-9f04-0e361e1b2b2e"},
    {"state": "closed", "cause": "death"},
    {"state": "active", "level": 2, "checks": {}, "objections_raised": 2},
    {"kind": "document", "erased": True},
    {"kind": "channel_optout", "version": 17},
    {"added": 2, "versions": {"1": 2}},
    {"method": "letter", "version": 3, "evidence": {"method": "call", "reference": "Case 4"}},
    {"state": "upheld", "reasons": "She asked twice"},
    {"purpose": "Complaint", "controller_id": "01a2018f-e266-7fed-9f04-0e361e1b2b2e"},
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("detail", DETAILS, ids="-".join)
def test_every_name_has_a_word(detail: dict[str, Any], language: str) -> None:
    names = [name for name, _ in told(detail, worded(language))]
    assert set(names) & {*detail, "method", "reference"} == set()
    assert [text for _, texts in told(detail, worded(language)) for text in texts if not text] == []


def test_no_internal_number_is_told() -> None:
    assert told({"version": 17, "versions": {"1": 2}, "grantor": {"type": "x"}}, worded("en")) == []


def test_what_passed_is_counted_and_what_did_not_is_named() -> None:
    checks = {"BANKID_ACT": "passed", "BANKID_AGE": "passed", "BANKID_TEXT": "failed"}
    ((_, texts),) = told({"checks": checks}, worded("en"))
    assert texts == ["passed: 2", "The text shown is the registered one: failed"]
    ((_, texts),) = told({"checks": {"BANKID_TEXT": "failed"}}, worded("en"))
    assert texts == ["The text shown is the registered one: failed"]


def test_what_somebody_wrote_stands_as_it_was_written() -> None:
    assert told({"purpose": "service", "reason": "revoked"}, worded("sv")) == [
        ("Ändamål", ["service"]),
        ("Skäl", ["revoked"]),
    ]


def test_evidence_an_entry_and_a_truth_are_told_in_words() -> None:
    found = dict(told({"kind": "bankid_se", "erased": True}, worded("sv")))
    assert (found["Slag"], found["Raderad"]) == (["BankID"], ["Ja"])
    assert dict(told({"kind": "dnc", "erased": False}, worded("en"))) == {"Kind": ["do not call"]}
    assert told({"evidence": {"method": "call", "parts": [1]}, "list": ["a", {}]}, worded("en")) == [
        ("Evidence", ["How the person said so: call"]),
        ("list", ["a"]),
    ]
