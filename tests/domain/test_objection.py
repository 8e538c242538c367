"""What an objection may put in force, how its state follows, and who may change it: pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.channels import ALL_CHANNELS, channel_mask
from app.domain.entry import EntryKind
from app.domain.mandate import Mandate, MandateState
from app.domain.objection import (
    IN_FORCE,
    ObjectionState,
    RefusedPart,
    Scope,
    admit_identifier,
    admit_withdrawal,
    initial_state,
    scope_of_person,
    scope_under_mandate,
    void_next,
)
from app.domain.purposes import ALL_PURPOSES, DM_MASK, PURPOSES
from app.domain.refusals import Refusal, RefusedError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ALICE, BOB = UUID(int=7), UUID(int=8)
GRANTOR, PROVEN, OTHER = UUID(int=10), UUID(int=11), UUID(int=12)
DM = ("direct_marketing",)
RESEARCH = PURPOSES["research"].bit

MANDATE = Mandate(
    id=UUID(int=3),
    agent_id=UUID(int=1),
    subject=UUID(int=4),
    rights=frozenset({"object_dm"}),
    controllers=None,
    channels=ALL_CHANNELS,
    valid_from=NOW - DAY,
    valid_to=NOW + DAY,
    level=1,
    state=MandateState.ACTIVE,
    signature_failed=False,
    grantor=frozenset({GRANTOR}),
    proven=frozenset({PROVEN}),
)


def beyond(part: str, value: str) -> RefusedPart:
    return RefusedPart(part, value, Refusal.MANDATE_SCOPE)


def refused(*arguments: Any) -> RefusedError | None:
    """How `arguments[0]`, called with the others, is refused."""
    call, *given = arguments
    try:
        call(*given)
    except RefusedError as error:
        return error
    return None


def refusal_of(*arguments: Any) -> Refusal | None:
    """The code that it is refused with."""
    error = refused(*arguments)
    return error.code if error else None


@pytest.mark.parametrize("purposes", [None, DM])
def test_an_agent_objects_to_direct_marketing_in_all_channels(purposes: Any) -> None:
    scope = scope_under_mandate(MANDATE, ["art21_2", "art21_2"], purposes, ALL_CHANNELS)
    assert scope == Scope(("art21_2",), DM_MASK, ALL_CHANNELS, ())
    assert scope.entries() == [(EntryKind.OBJECTION, DM_MASK)]


def test_what_goes_beyond_the_mandate_is_refused_part_by_part_and_the_rest_stands() -> None:
    mandate = replace(MANDATE, channels=channel_mask(["sms"]))
    kinds, purposes = ["erasure", "art21_2", "art21_1"], ["research", *DM]
    scope = scope_under_mandate(mandate, kinds, purposes, channel_mask(["fax", "sms", "email"]))
    assert scope.refused == (
        beyond("kind", "erasure"),
        beyond("kind", "art21_1"),
        beyond("purpose", "research"),
        beyond("channel", "email"),
        beyond("channel", "fax"),
    )
    assert (scope.kinds, scope.purposes, scope.channels) == (("art21_2",), DM_MASK, channel_mask(["sms"]))


def test_all_channels_are_as_many_as_the_mandate_reaches_and_nothing_is_refused() -> None:
    mandate = replace(MANDATE, channels=channel_mask(["sms", "email"]))
    scope = scope_under_mandate(mandate, ["art21_2"], None, ALL_CHANNELS)
    assert (scope.channels, scope.refused) == (channel_mask(["sms", "email"]), ())


@pytest.mark.parametrize(
    ("rights", "channels", "reached"),
    [
        ({"object_dm_profiling"}, None, ["profiling"]),
        ({"object_dm_profiling"}, ["profiling", "sms"], ["profiling"]),
        ({"object_dm_profiling", "object_dm"}, ["sms"], ["sms"]),
    ],
)
def test_the_right_to_object_to_profiling_adds_no_other_channel(
    rights: set[str], channels: Any, reached: list[str]
) -> None:
    mandate = replace(MANDATE, rights=frozenset(rights), channels=channel_mask(channels))
    scope = scope_under_mandate(mandate, ["art21_2"], None, ALL_CHANNELS)
    assert scope.channels == channel_mask(reached)


@pytest.mark.parametrize(
    ("rights", "kinds", "purposes", "channels"),
    [
        ({"object_dm"}, ["erasure"], None, None),
        ({"object_dm"}, ["art21_1"], None, None),
        ({"object_dm"}, ["art21_2"], ["research", "political"], None),
        ({"receive_status", "withdraw_objection"}, ["art21_2"], None, None),
        ({"object_dm_profiling"}, ["art21_2"], None, ["sms"]),
        ({"object_dm"}, [], None, None),
    ],
)
def test_when_nothing_is_left_of_it_the_whole_act_is_refused(
    rights: set[str], kinds: list[str], purposes: Any, channels: Any
) -> None:
    mandate = replace(MANDATE, rights=frozenset(rights))
    mask = channel_mask(channels)
    assert refusal_of(scope_under_mandate, mandate, kinds, purposes, mask) is Refusal.MANDATE_SCOPE


def test_a_mandate_for_other_channels_reaches_nothing_of_these() -> None:
    mandate = replace(MANDATE, channels=channel_mask(["sms"]))
    given = (mandate, ["art21_2"], None, channel_mask(["email"]))
    assert refusal_of(scope_under_mandate, *given) is Refusal.MANDATE_SCOPE
    against_profiling = replace(mandate, rights=frozenset({"object_dm_profiling"}))
    given = (against_profiling, ["art21_2"], None, ALL_CHANNELS)
    assert refusal_of(scope_under_mandate, *given) is Refusal.MANDATE_SCOPE


@pytest.mark.parametrize(
    ("kinds", "purposes", "mask", "entries"),
    [
        (["art21_2"], None, DM_MASK, [EntryKind.OBJECTION]),
        (["art21_1"], None, ALL_PURPOSES, [EntryKind.OBJECTION_GENERAL]),
        (["art21_1", "art21_2"], None, ALL_PURPOSES, [EntryKind.OBJECTION, EntryKind.OBJECTION_GENERAL]),
        (["art21_2"], ["research"], RESEARCH | DM_MASK, [EntryKind.OBJECTION]),
        (["art21_1"], ["research"], RESEARCH, [EntryKind.OBJECTION_GENERAL]),
        (["art21_1"], ["research", *DM], RESEARCH | DM_MASK, [EntryKind.OBJECTION_GENERAL]),
        (["art21_2"], ["research", "service"], RESEARCH | DM_MASK, [EntryKind.OBJECTION]),
    ],
)
def test_a_person_objects_to_whatever_article_21_lets_one_object_to(
    kinds: list[str], purposes: Any, mask: int, entries: list[EntryKind]
) -> None:
    scope = scope_of_person(kinds, purposes, ALL_CHANNELS)
    assert (set(scope.kinds), scope.purposes, scope.refused) == (set(kinds), mask, ())
    assert scope.entries() == [(entry, mask) for entry in entries]


@pytest.mark.parametrize("purposes", [None, ["research"]])
@pytest.mark.parametrize("channels", [channel_mask(["sms", "email"]), ALL_CHANNELS])
def test_a_person_objects_in_the_channels_it_names(purposes: Any, channels: int) -> None:
    assert scope_of_person(["art21_2"], purposes, channels).channels == channels


def test_a_person_cannot_have_anything_else_done_by_an_objection() -> None:
    scope = scope_of_person(["art21_2", "erasure", "erasure"], None, ALL_CHANNELS)
    assert (scope.kinds, scope.refused) == (("art21_2",), (beyond("kind", "erasure"),))
    assert refusal_of(scope_of_person, ["erasure"], None, ALL_CHANNELS) is Refusal.MANDATE_SCOPE
    assert refusal_of(scope_of_person, ["art21_2"], ["service"], ALL_CHANNELS) is Refusal.MANDATE_SCOPE


@pytest.mark.parametrize(
    ("level", "demanded", "state"),
    [
        (1, [1], ObjectionState.ACTIVE),
        (1, [1, 2], ObjectionState.PENDING),
        (2, [1, 2], ObjectionState.ACTIVE),
        (0, [0], ObjectionState.ACTIVE),
        (0, [], ObjectionState.PENDING),
        (1, [], ObjectionState.ACTIVE),
    ],
)
def test_an_objection_is_active_once_its_mandate_satisfies_every_controller_addressed(
    level: int, demanded: list[int], state: ObjectionState
) -> None:
    assert initial_state(level, demanded) is state


@pytest.mark.parametrize("state", ObjectionState)
def test_an_agent_with_the_right_takes_back_what_is_in_force(state: ObjectionState) -> None:
    mandate = replace(MANDATE, rights=frozenset({"withdraw_objection"}))
    expected = None if state in IN_FORCE else Refusal.STATE_CONFLICT
    assert refusal_of(admit_withdrawal, mandate, state) is expected
    assert refusal_of(admit_withdrawal, MANDATE, state) is Refusal.MANDATE_SCOPE


@pytest.mark.parametrize("kind", ["phone", "email", "customer_ref"])
def test_control_of_another_number_or_address_is_unproven_and_that_is_no_reason_to_refuse_it(
    kind: str,
) -> None:
    assert admit_identifier(MANDATE, kind, frozenset({PROVEN, OTHER}))
    assert not admit_identifier(MANDATE, kind, frozenset({OTHER}))


def test_a_personal_number_is_the_grantors_or_somebody_elses() -> None:
    assert admit_identifier(MANDATE, "personal_number", frozenset({GRANTOR}))
    for fingerprint in (PROVEN, OTHER):
        given = (MANDATE, "personal_number", frozenset({fingerprint}))
        assert refusal_of(admit_identifier, *given) is Refusal.IDENTIFIER_NOT_GRANTOR


@pytest.mark.parametrize("state", [ObjectionState.ACTIVE, ObjectionState.PENDING])
def test_the_first_admin_contests(state: ObjectionState) -> None:
    assert void_next(state, ALICE, ALICE) is ObjectionState.CONTESTED


def test_the_second_admin_voids_and_is_not_the_first() -> None:
    assert void_next(ObjectionState.CONTESTED, ALICE, BOB) is ObjectionState.VOIDED
    given = (ObjectionState.CONTESTED, ALICE, ALICE)
    assert refusal_of(void_next, *given) is Refusal.SECOND_ADMIN_REQUIRED


@pytest.mark.parametrize("state", sorted(set(ObjectionState) - IN_FORCE))
def test_what_is_not_in_force_cannot_be_voided(state: ObjectionState) -> None:
    assert refusal_of(void_next, state, ALICE, BOB) is Refusal.STATE_CONFLICT


def test_a_refusal_says_that_the_objection_has_ended() -> None:
    entitled = replace(MANDATE, rights=frozenset({"withdraw_objection"}))
    for given in ((admit_withdrawal, entitled), (void_next,)):
        error = refused(*given, ObjectionState.WITHDRAWN, *([] if given[1:] else [ALICE, BOB]))
        assert error is not None
        assert error.detail == "The objection is not in force."


def test_what_is_pending_or_contested_is_in_force() -> None:
    """Doubt about a mandate is no licence to send."""
    assert {"pending_verification", "active", "contested"} == IN_FORCE
