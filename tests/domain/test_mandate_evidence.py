"""The checks of a mandate's evidence, what each says, and the level that follows."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.mandate import (
    CHECKS,
    CLOCK_SKEW,
    MandateState,
    Outcome,
    Submission,
    level_of,
    run_checks,
    verified_state,
)
from tests.domain.mandates import CLAIMED, DAY, NOW, SIGNED


def found(given: Submission) -> dict[str, str]:
    return {check.code: check.outcome.value for check in run_checks(given)}


def test_every_check_has_its_own_code_and_speaks_in_a_fixed_order() -> None:
    codes = [check.code for check in CHECKS]
    assert codes == ["EVIDENCE_KEY", "EVIDENCE_SIGNATURE", "CLAIMS_DIGEST", "SIGNED_AT"]
    assert [check.code for check in run_checks(CLAIMED)] == codes


def test_evidence_that_holds_passes_every_check() -> None:
    assert set(found(SIGNED).values()) == {"passed"}


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("key_registered", "EVIDENCE_KEY"),
        ("signature_verified", "EVIDENCE_SIGNATURE"),
        ("digest_matches", "CLAIMS_DIGEST"),
    ],
)
@pytest.mark.parametrize(
    ("value", "outcome", "state"), [(False, "failed", "rejected"), (None, "indeterminate", "active")]
)
def test_one_failed_check_rejects_and_one_that_cannot_be_made_lowers_the_level(
    field: str, code: str, value: Any, outcome: str, state: str
) -> None:
    results = run_checks(replace(SIGNED, **{field: value}))
    outcomes = {result.code: result.outcome for result in results}
    assert outcomes.pop(code) == outcome
    assert set(outcomes.values()) == {Outcome.PASSED}
    assert (verified_state(results), level_of("agent_jws", results)) == (state, 0)


@pytest.mark.parametrize(
    ("signed_at", "outcome"),
    [
        (NOW + CLOCK_SKEW, "passed"),
        (NOW + CLOCK_SKEW + timedelta(microseconds=1), "failed"),
        (NOW - 3650 * DAY, "passed"),
    ],
)
def test_nobody_signs_in_the_future_but_clocks_may_differ_by_a_minute(
    signed_at: datetime, outcome: str
) -> None:
    assert found(replace(SIGNED, signed_at=signed_at))["SIGNED_AT"] == outcome


@pytest.mark.parametrize(("before", "outcome"), [(timedelta(seconds=1), "passed"), (timedelta(), "failed")])
def test_nobody_signs_a_mandate_that_has_ended(before: timedelta, outcome: str) -> None:
    ended = NOW - DAY
    assert found(replace(SIGNED, valid_to=ended, signed_at=ended - before))["SIGNED_AT"] == outcome


@pytest.mark.parametrize(
    ("given", "level", "state"), [(SIGNED, 1, MandateState.ACTIVE), (CLAIMED, 0, MandateState.ACTIVE)]
)
def test_a_registered_signature_is_level_1_and_the_agents_word_alone_level_0(
    given: Submission, level: int, state: MandateState
) -> None:
    results = run_checks(given)
    assert (level_of(given.evidence_kind, results), verified_state(results)) == (level, state)


@pytest.mark.parametrize(("verified", "level"), [(True, 3), (None, 2), (False, 0)])
def test_the_persons_own_signature_is_level_3_and_2_while_something_could_not_be_tried(
    *, verified: bool | None, level: int
) -> None:
    results = run_checks(replace(SIGNED, signature_verified=verified))
    assert level_of("bankid_se", results) == level


def said(given: Submission) -> list[str]:
    return [check.detail for check in run_checks(given)]


def test_every_check_says_what_it_found() -> None:
    nothing = "The evidence gives nothing to check."
    forged = replace(SIGNED, key_registered=False, signature_verified=False, digest_matches=False)
    assert said(SIGNED) == [
        "The signing key is registered for this agent.",
        "The signature verifies.",
        "The signed digest is that of these claims.",
        "Signed before it was received and before it ends.",
    ]
    assert said(replace(forged, signed_at=NOW + DAY)) == [
        "The signing key is not registered for this agent.",
        "The signature does not verify.",
        "The signed digest is not that of these claims.",
        "Signed in the future, or after its own end.",
    ]
    assert said(CLAIMED) == [nothing, nothing, nothing, "Signed before it was received and before it ends."]


def test_an_external_reference_is_level_0_whatever_else_may_pass() -> None:
    assert level_of("external_ref", run_checks(SIGNED)) == 0
