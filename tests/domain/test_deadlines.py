"""One month, as the law counts it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.deadlines import begun_before, days_left, due_on


@pytest.mark.parametrize(
    ("begun", "due"),
    [
        ("2026-03-02", "2026-04-02"),
        ("2026-01-31", "2026-02-28"),
        ("2028-01-31", "2028-02-29"),
        ("2026-08-31", "2026-09-30"),
        ("2026-12-15", "2027-01-15"),
    ],
)
def test_a_month_ends_with_the_day_of_the_same_number_or_the_last_one(begun: str, due: str) -> None:
    moment = datetime.fromisoformat(begun).replace(hour=23, tzinfo=UTC)
    assert due_on(moment) == date.fromisoformat(due)


@pytest.mark.parametrize(("now", "left"), [("2026-03-02", 31), ("2026-04-02", 0), ("2026-04-05", -3)])
def test_the_days_that_are_left(now: str, left: int) -> None:
    begun = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert days_left(begun, datetime.fromisoformat(f"{now}T23:59:59+00:00")) == left


def test_what_is_due_by_a_day_is_what_began_before_another() -> None:
    first = date(2027, 12, 1)
    for last in (first + timedelta(days=n) for n in range(120)):
        before = begun_before(last)
        for n in range(-40, 5):
            day = last + timedelta(days=n)
            begun = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            assert (due_on(begun) <= last) == (day < before), (last, day)
