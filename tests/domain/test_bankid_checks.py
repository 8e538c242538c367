"""The checks of a BankID signature: each looks at one thing, says what it found, and fails alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.bankid_checks import (
    BANKID_CHECKS,
    LONGEST_UNUSED,
    SIGNED_AT_LEEWAY,
    BankIdSubmission,
    run_bankid_checks,
)
from app.domain.mandate import CLOCK_SKEW

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIGNED = NOW - timedelta(days=1)
MOMENT = timedelta(microseconds=1)

SOUND = BankIdSubmission(
    received_at=NOW,
    signed_at=SIGNED,
    readable=True,
    digests=True,
    signature=True,
    chain=True,
    key_usage=True,
    policy=True,
    responder=True,
    good=True,
    bound=True,
    proven_at=SIGNED,
    act="Signing",
    ordered_by_agent=True,
    signed_by_grantor=True,
    user_is_signer=True,
    text_is_template=True,
    claims_bound=True,
    unused=True,
)
UNREADABLE = BankIdSubmission(received_at=NOW, signed_at=SIGNED, readable=False)

LAPSES: list[tuple[dict[str, Any], str, str]] = [
    ({"readable": False}, "BANKID_DOCUMENT", "No signature document of BankID."),
    ({"digests": False}, "BANKID_DIGESTS", "The text or the certificates are not what was signed."),
    ({"signature": False}, "BANKID_SIGNATURE", "The signature does not verify."),
    (
        {"chain": False},
        "BANKID_CHAIN",
        "The certificate does not lead to a pinned root, or was not valid then.",
    ),
    (
        {"key_usage": False},
        "BANKID_KEY_USAGE",
        "The certificate is not one for declarations of will alone.",
    ),
    ({"policy": False}, "BANKID_POLICY", "No policy of BankID in this environment."),
    (
        {"responder": False},
        "BANKID_OCSP_SIGNER",
        "The OCSP answer is not signed for the certificate's issuer.",
    ),
    (
        {"good": False},
        "BANKID_OCSP_STATUS",
        "The certificate was revoked or unknown, or the answer is about another one.",
    ),
    ({"bound": False}, "BANKID_OCSP_NONCE", "The OCSP answer was made for another signature."),
    ({"signed_at": SIGNED - timedelta(hours=1)}, "BANKID_TIME", "Signed at another time than stated."),
    (
        {"received_at": SIGNED + timedelta(days=91)},
        "BANKID_AGE",
        "Signed in the future, or over 90 days ago.",
    ),
    ({"act": "Identification"}, "BANKID_ACT", "No act of signing, for instance a login."),
    (
        {"ordered_by_agent": False},
        "BANKID_RELYING_PARTY",
        "The signature was ordered by somebody that is not registered for this agent.",
    ),
    ({"signed_by_grantor": False}, "BANKID_SIGNER", "Somebody else signed."),
    ({"user_is_signer": False}, "BANKID_USER", "The answer names another person than the certificate."),
    (
        {"text_is_template": False},
        "BANKID_TEXT",
        "The person was shown another text than the registered one with these claims.",
    ),
    ({"claims_bound": False}, "BANKID_CLAIMS", "The signed digest is not that of these claims."),
    ({"unused": False}, "BANKID_UNUSED", "Another mandate rests on this signature."),
]


def found(given: BankIdSubmission) -> dict[str, tuple[str, str]]:
    return {check.code: (check.outcome.value, check.detail) for check in run_bankid_checks(given)}


def failing(given: BankIdSubmission) -> set[str]:
    return {code for code, (outcome, _) in found(given).items() if outcome != "passed"}


def test_there_is_a_lapse_for_every_check_in_their_fixed_order() -> None:
    assert [code for _, code, _ in LAPSES] == [check.code for check in BANKID_CHECKS] == list(found(SOUND))


def test_a_sound_signature_passes_every_check_and_each_says_so() -> None:
    assert found(SOUND) == {
        "BANKID_DOCUMENT": ("passed", "A signature document."),
        "BANKID_DIGESTS": ("passed", "Text and certificates are what was signed."),
        "BANKID_SIGNATURE": ("passed", "The signature verifies."),
        "BANKID_CHAIN": ("passed", "The certificate leads to a pinned root."),
        "BANKID_KEY_USAGE": ("passed", "A certificate for declarations of will."),
        "BANKID_POLICY": ("passed", "A policy of BankID."),
        "BANKID_OCSP_SIGNER": ("passed", "The OCSP answer is signed for the issuer."),
        "BANKID_OCSP_STATUS": ("passed", "The certificate was good."),
        "BANKID_OCSP_NONCE": ("passed", "The OCSP answer was made for this signature."),
        "BANKID_TIME": ("passed", "Signed at the stated time."),
        "BANKID_AGE": ("passed", "Signed within 90 days."),
        "BANKID_ACT": ("passed", "An act of signing."),
        "BANKID_RELYING_PARTY": ("passed", "Ordered by this agent."),
        "BANKID_SIGNER": ("passed", "The grantor signed."),
        "BANKID_USER": ("passed", "The answer names the person of the certificate."),
        "BANKID_TEXT": ("passed", "The registered text was shown."),
        "BANKID_CLAIMS": ("passed", "The signed digest is that of these claims."),
        "BANKID_UNUSED": ("passed", "No other mandate rests on this signature."),
    }


@pytest.mark.parametrize(("lapse", "code", "sentence"), LAPSES, ids=[code for _, code, _ in LAPSES])
def test_one_lapse_fails_one_check_and_no_other(lapse: dict[str, Any], code: str, sentence: str) -> None:
    given = replace(SOUND, **lapse)
    assert found(given)[code] == ("failed", sentence)
    assert failing(given) == {code}


def test_what_could_not_be_tried_is_neither_passed_nor_failed() -> None:
    results = found(UNREADABLE)
    assert list(results) == [check.code for check in BANKID_CHECKS]
    assert results.pop("BANKID_DOCUMENT")[0] == "failed"
    assert set(results.values()) == {("indeterminate", "The evidence gives nothing to check.")}


@pytest.mark.parametrize(
    ("apart", "near"),
    [
        (SIGNED_AT_LEEWAY, True),
        (-SIGNED_AT_LEEWAY, True),
        (SIGNED_AT_LEEWAY + MOMENT, False),
        (-SIGNED_AT_LEEWAY - MOMENT, False),
    ],
)
def test_the_stated_time_is_the_proven_one_within_a_quarter_of_an_hour(
    apart: timedelta, *, near: bool
) -> None:
    assert failing(replace(SOUND, signed_at=SIGNED + apart)) == (set() if near else {"BANKID_TIME"})


@pytest.mark.parametrize(
    ("age", "recent"),
    [
        (LONGEST_UNUSED, True),
        (LONGEST_UNUSED + MOMENT, False),
        (-CLOCK_SKEW, True),
        (-CLOCK_SKEW - MOMENT, False),
    ],
)
def test_a_signature_comes_in_within_90_days_and_not_before_it_was_made(
    age: timedelta, *, recent: bool
) -> None:
    assert failing(replace(SOUND, received_at=SIGNED + age)) == (set() if recent else {"BANKID_AGE"})
