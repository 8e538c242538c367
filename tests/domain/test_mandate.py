"""The checks of a mandate, what follows from them, and what a mandate allows at a given moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.mandate import (
    CHECKS,
    CLOCK_SKEW,
    EVIDENCE_KINDS,
    LONGEST,
    Mandate,
    MandateState,
    Outcome,
    RevokedBy,
    Submission,
    admit_act,
    admit_revocation,
    judge_evidence_kind,
    judge_rights,
    judge_validity,
    level_of,
    run_checks,
    verified_state,
)
from app.domain.parties import Role
from app.domain.refusals import Refusal, RefusedError
from app.domain.rights import EXCLUDED_RIGHTS, RIGHTS

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
AGENT, OTHER_AGENT = UUID(int=1), UUID(int=2)

SIGNED = Submission(
    evidence_kind="agent_jws",
    signed_at=NOW - DAY,
    valid_from=NOW - DAY,
    valid_to=NOW + DAY,
    received_at=NOW,
    key_registered=True,
    signature_verified=True,
    digest_matches=True,
)
CLAIMED = replace(
    SIGNED, evidence_kind="external_ref", key_registered=None, signature_verified=None, digest_matches=None
)
MANDATE = Mandate(
    id=UUID(int=3),
    agent_id=AGENT,
    subject=UUID(int=4),
    rights=frozenset({"object_dm"}),
    controllers=None,
    channels=1,
    valid_from=NOW - DAY,
    valid_to=NOW + DAY,
    level=1,
    state=MandateState.ACTIVE,
    signature_failed=False,
    grantor=frozenset(),
    proven=frozenset(),
)


def found(given: Submission) -> dict[str, str]:
    return {check.code: check.outcome.value for check in run_checks(given)}


def refusal_of(mandate: Mandate | None, agent: UUID = AGENT, *, suspended: bool = False) -> Refusal | None:
    try:
        admit_act(mandate, agent, NOW, suspended=suspended)
    except RefusedError as refused:
        return refused.code
    return None


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


def test_an_external_reference_is_level_0_whatever_else_may_pass() -> None:
    assert level_of("external_ref", run_checks(SIGNED)) == 0


@pytest.mark.parametrize(
    ("lasts", "accepted"),
    [
        (timedelta(microseconds=1), True),
        (timedelta(), False),
        (-DAY, False),
        (LONGEST, True),
        (LONGEST + timedelta(microseconds=1), False),
    ],
)
def test_a_mandate_ends_after_it_begins_and_within_24_months(lasts: timedelta, *, accepted: bool) -> None:
    if accepted:
        judge_validity(NOW, NOW + lasts)
    else:
        with pytest.raises(RefusedError) as refused:
            judge_validity(NOW, NOW + lasts)
        assert refused.value.code == Refusal.INVALID_TIME


@pytest.mark.parametrize("kind", ["freja", "mitid", ""])
def test_evidence_that_cannot_be_verified_yet_is_refused(kind: str) -> None:
    for verified in EVIDENCE_KINDS:
        judge_evidence_kind(verified)
    with pytest.raises(RefusedError) as refused:
        judge_evidence_kind(kind)
    assert refused.value.code == Refusal.EVIDENCE_KIND_UNSUPPORTED


@pytest.mark.parametrize("right", EXCLUDED_RIGHTS)
def test_what_stays_with_the_person_cannot_be_given_to_an_agent(right: str) -> None:
    judge_rights(RIGHTS)
    with pytest.raises(RefusedError) as refused:
        judge_rights([*RIGHTS, right])
    assert refused.value.code == Refusal.MANDATE_SCOPE


@pytest.mark.parametrize(
    ("state", "moment", "shown"),
    [
        (MandateState.ACTIVE, NOW + DAY - timedelta(microseconds=1), MandateState.ACTIVE),
        (MandateState.ACTIVE, NOW + DAY, MandateState.EXPIRED),
        (MandateState.REVOKED, NOW + DAY, MandateState.REVOKED),
        (MandateState.REJECTED, NOW + DAY, MandateState.REJECTED),
        (MandateState.NEEDS_REVIEW, NOW, MandateState.NEEDS_REVIEW),
    ],
)
def test_a_mandate_expires_by_the_clock_unless_it_ended_before(
    state: MandateState, moment: datetime, shown: MandateState
) -> None:
    assert replace(MANDATE, state=state).state_at(moment) == shown


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, None),
        ({"state": MandateState.REVOKED}, Refusal.MANDATE_REVOKED),
        ({"valid_to": NOW}, Refusal.MANDATE_EXPIRED),
        ({"state": MandateState.EXPIRED}, Refusal.MANDATE_EXPIRED),
        ({"state": MandateState.NEEDS_REVIEW}, Refusal.MANDATE_NOT_VERIFIED),
        ({"state": MandateState.REJECTED}, Refusal.MANDATE_NOT_VERIFIED),
        ({"state": MandateState.REJECTED, "signature_failed": True}, Refusal.SIGNATURE_INVALID),
        ({"state": MandateState.SUPERSEDED}, Refusal.MANDATE_CLOSED),
        ({"state": MandateState.CLOSED}, Refusal.MANDATE_CLOSED),
        ({"state": MandateState.VOID}, Refusal.MANDATE_CLOSED),
        ({"valid_from": NOW + CLOCK_SKEW}, None),
        ({"valid_from": NOW + CLOCK_SKEW + timedelta(microseconds=1)}, Refusal.MANDATE_SCOPE),
    ],
)
def test_an_act_is_received_only_under_a_mandate_in_force(
    changes: dict[str, Any], refusal: Refusal | None
) -> None:
    assert refusal_of(replace(MANDATE, **changes)) == refusal


def test_another_agents_mandate_is_answered_like_none_at_all() -> None:
    assert refusal_of(MANDATE, OTHER_AGENT) == refusal_of(None) == Refusal.MANDATE_NOT_FOUND


def test_nothing_new_is_received_from_a_suspended_agent_whatever_it_names() -> None:
    assert refusal_of(MANDATE, suspended=True) == refusal_of(None, suspended=True) == Refusal.AGENT_SUSPENDED


@pytest.mark.parametrize(
    ("state", "revocable"),
    [(state, state in {MandateState.ACTIVE, MandateState.NEEDS_REVIEW}) for state in MandateState],
)
def test_only_what_has_not_ended_is_revoked(state: MandateState, *, revocable: bool) -> None:
    mandate = replace(MANDATE, state=state)
    if revocable:
        admit_revocation(mandate, NOW, RevokedBy.GRANTOR, Role.AGENT)
    else:
        with pytest.raises(RefusedError) as refused:
            admit_revocation(mandate, NOW, RevokedBy.GRANTOR, Role.AGENT)
        assert refused.value.code == Refusal.STATE_CONFLICT


def test_a_mandate_that_begins_tomorrow_can_be_revoked_and_one_that_has_run_out_cannot() -> None:
    admit_revocation(replace(MANDATE, valid_from=NOW + DAY / 2), NOW, RevokedBy.AGENT, Role.AGENT)
    with pytest.raises(RefusedError):
        admit_revocation(replace(MANDATE, valid_to=NOW), NOW, RevokedBy.AGENT, Role.AGENT)


@pytest.mark.parametrize("by", RevokedBy)
def test_only_an_admin_speaks_for_the_registry(by: RevokedBy) -> None:
    admit_revocation(MANDATE, NOW, by, Role.ADMIN)
    if by is RevokedBy.REGISTRY:
        with pytest.raises(RefusedError) as refused:
            admit_revocation(MANDATE, NOW, by, Role.AGENT)
        assert refused.value.code == Refusal.ROLE_DENIED
    else:
        admit_revocation(MANDATE, NOW, by, Role.AGENT)
