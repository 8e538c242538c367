"""Whose data a request for erasure reaches, who has to agree, and what stays."""

from uuid import UUID

import pytest

from app.domain.erasure import ErasureState, Step, kept_after, next_step, reach_of
from app.domain.refusals import Refusal, RefusedError

ONE, OTHER = UUID(int=1), UUID(int=2)
ANNA, BERTIL, CECILIA, DAVID, PHONE, EMAIL = (UUID(int=n) for n in range(11, 17))
REQUESTED, APPROVED, ERASED = ErasureState


@pytest.mark.parametrize(
    ("state", "first", "admin", "held", "step"),
    [
        (None, None, ONE, True, Step.REQUEST),
        (None, None, ONE, False, Step.NOTHING),
        (REQUESTED, ONE, OTHER, True, Step.APPROVE),
        (REQUESTED, ONE, OTHER, False, Step.APPROVE),
        (APPROVED, OTHER, ONE, True, Step.FINISH),
        (APPROVED, OTHER, OTHER, False, Step.FINISH),
        (ERASED, OTHER, OTHER, False, Step.REPEAT),
        (ERASED, OTHER, OTHER, True, Step.REQUEST),
    ],
)
def test_each_request_takes_an_erasure_one_step_further(
    state: ErasureState | None, first: UUID | None, admin: UUID, *, held: bool, step: Step
) -> None:
    assert next_step(state, first, admin, held=held) is step


def test_nobody_agrees_with_themselves() -> None:
    with pytest.raises(RefusedError) as refused:
        next_step(REQUESTED, ONE, ONE, held=True)
    assert refused.value.code is Refusal.SECOND_ADMIN_REQUIRED


@pytest.mark.parametrize(
    ("named", "holders", "reached", "shared"),
    [
        ([PHONE], [{PHONE}], {PHONE}, 0),
        ([PHONE], [set()], {PHONE}, 0),
        ([PHONE], [{ANNA}], {PHONE, ANNA}, 0),
        ([PHONE], [{PHONE, ANNA}], {PHONE, ANNA}, 0),
        ([PHONE], [{ANNA, BERTIL}], {PHONE}, 2),
        ([PHONE, EMAIL], [{ANNA, BERTIL}, {CECILIA, DAVID}], {PHONE, EMAIL}, 4),
        ([ANNA, PHONE], [{ANNA}, {ANNA, BERTIL}], {ANNA, PHONE}, 1),
        ([PHONE, EMAIL], [{ANNA, BERTIL}, {ANNA}], {PHONE, EMAIL, ANNA}, 1),
        ([EMAIL, PHONE], [{EMAIL}, {EMAIL}], {EMAIL, PHONE}, 0),
    ],
)
def test_an_identifier_leads_to_a_person_only_if_it_leads_to_one(
    named: list[UUID], holders: list[set[UUID]], reached: set[UUID], shared: int
) -> None:
    found = reach_of(named, [frozenset(one) for one in holders])
    assert found.subjects == frozenset(reached)
    assert found.shared == shared


def test_an_identifier_whose_holders_nobody_looked_up_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="argument"):
        reach_of([PHONE, EMAIL], [frozenset({ANNA})])


def test_what_stays_says_why_and_under_which_article() -> None:
    kept = kept_after({"entries": 2, "mandates": 0})
    assert [(one.what, one.count) for one in kept] == [
        ("entries", 2),
        ("fingerprints", None),
        ("events", None),
        ("at_controllers", None),
    ]
    assert kept[0].law == "GDPR Art. 17(3)(b), 21(3)"
    assert "without them nobody could respect the objection" in kept[0].why
    assert all(one.law.startswith("GDPR Art. ") and one.why.endswith(".") for one in kept)
