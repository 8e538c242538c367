"""Customers and members: from the first moment to the end, and a customer for a year more."""

from datetime import timedelta

import pytest

from app.domain.decision import decide, decide_each
from tests.domain.recipients import DAY, HOUR, NOW, RECORDED, ask, customer, facts_of, member

MOMENT = timedelta(microseconds=1)
SIMILAR = ask(own_similar=True)
YEAR = 365 * DAY


@pytest.mark.parametrize(
    ("since", "ended", "live"),
    [
        (NOW, None, True),
        (NOW + MOMENT, None, False),
        (NOW - DAY, NOW + MOMENT, True),
        (NOW - DAY, NOW, False),
    ],
)
def test_a_member_is_one_from_the_first_moment_until_the_end(
    since: object, ended: object, *, live: bool
) -> None:
    assert member(since=since, ended_at=ended).live(NOW) is live


@pytest.mark.parametrize(
    ("since", "ended", "recent"),
    [
        (NOW, None, True),
        (NOW + MOMENT, None, False),
        (NOW - 2 * YEAR, NOW - YEAR, True),
        (NOW - 2 * YEAR, NOW - YEAR - MOMENT, False),
        (NOW - DAY, NOW + DAY, True),
    ],
)
def test_a_customer_counts_for_a_year_after_the_end_to_the_moment(
    since: object, ended: object, *, recent: bool
) -> None:
    assert customer(since=since, ended_at=ended).recent(NOW) is recent


def test_a_year_after_the_end_is_when_a_customer_stops_to_count() -> None:
    assert customer(ended_at=NOW - DAY).recent_until == NOW - DAY + YEAR
    assert customer().recent_until is None


@pytest.mark.parametrize("left", [timedelta(), MOMENT, HOUR, DAY - MOMENT, DAY, DAY + MOMENT])
def test_whose_year_ends_is_told_from_one_whose_does_not_to_the_moment(left: timedelta) -> None:
    people = (customer(ended_at=NOW - 100 * DAY), customer(ended_at=NOW - YEAR + left), customer())
    facts = {n: facts_of(one, by=RECORDED) for n, one in enumerate(people)}
    answers = decide_each(SIMILAR, facts, NOW)
    assert answers == {n: decide(SIMILAR, one, NOW) for n, one in facts.items()}
    assert answers[1].valid_until == NOW + min(left, DAY)
