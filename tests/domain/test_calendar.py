"""Months and quarters as the law counts them: a month ends on the same day, or on the last one there is."""

from datetime import UTC, date, datetime

import pytest

from app.domain.calendar import a_year_after, midnight, months_later, next_quarter


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-11-21", 1, "2026-12-21"),
        ("2026-11-21", 2, "2027-01-21"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-12-01", 12, "2027-12-01"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-01-30", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-08-30", 1, "2026-09-30"),
        ("2026-10-31", 2, "2026-12-31"),
        ("2026-10-31", 3, "2027-01-31"),
        ("2026-10-31", 0, "2026-10-31"),
    ],
)
def test_a_month_ends_on_the_same_day_or_on_the_last_day_of_a_shorter_one(
    day: str, months: int, later: str
) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(later)


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        ("2026-01-01", "2026-04-01"),
        ("2026-03-31", "2026-04-01"),
        ("2026-05-31", "2026-07-01"),
        ("2026-09-30", "2026-10-01"),
        ("2026-10-01", "2027-01-01"),
        ("2026-12-31", "2027-01-01"),
    ],
)
def test_the_next_quarter_begins_on_its_first_day(day: str, begins: str) -> None:
    assert next_quarter(date.fromisoformat(day)) == date.fromisoformat(begins)


def test_a_year_after_is_the_same_moment_of_the_year() -> None:
    noon = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
    assert a_year_after(noon) == noon.replace(year=2027)
    assert a_year_after(datetime(2028, 2, 29, 23, 59, tzinfo=UTC)) == datetime(
        2029, 2, 28, 23, 59, tzinfo=UTC
    )


def test_a_day_begins_at_midnight_utc() -> None:
    assert midnight(date(2026, 11, 21)) == datetime(2026, 11, 21, tzinfo=UTC)
