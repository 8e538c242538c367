"""What a mandate may give, and what it allows at a given moment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.mandate import (
    CLOCK_SKEW,
    EVIDENCE_KINDS,
    LONGEST,
    Mandate,
    MandateState,
    RevokedBy,
    admit_act,
    admit_revocation,
    judge_evidence_kind,
    judge_rights,
    judge_validity,
)
from app.domain.parties import Role
from app.domain.refusals import Refusal, RefusedError
from app.domain.rights import EXCLUDED_RIGHTS, RIGHTS
from tests.domain.mandates import AGENT, DAY, MANDATE, NOW, OTHER_AGENT


def refusal_of(mandate: Mandate | None, agent: UUID = AGENT, *, suspended: bool = False) -> Refusal | None:
    try:
        admit_act(mandate, agent, NOW, suspended=suspended)
    except RefusedError as refused:
        return refused.code
    return None


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


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda: judge_rights(["erasure"]), "A mandate to this registry cannot give these rights."),
        (lambda: judge_validity(NOW, NOW), "A mandate ends after it begins, and within 24 months."),
        (
            lambda: admit_act(replace(MANDATE, valid_from=NOW + DAY), AGENT, NOW, suspended=False),
            "The mandate is not in force yet.",
        ),
        (
            lambda: admit_revocation(MANDATE, NOW, RevokedBy.REGISTRY, Role.AGENT),
            "Only an admin revokes in the name of the registry.",
        ),
        (
            lambda: admit_revocation(replace(MANDATE, valid_to=NOW), NOW, RevokedBy.AGENT, Role.AGENT),
            "The mandate has ended already, or is contested.",
        ),
    ],
)
def test_a_refusal_says_what_stands_in_the_way(act: Callable[[], object], sentence: str) -> None:
    with pytest.raises(RefusedError) as refused:
        act()
    assert refused.value.detail == sentence
