"""Months and quarters, as the law counts them."""

from calendar import monthrange
from datetime import UTC, date, datetime, time

_MONTHS = 12
_QUARTER = 3


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def a_year_after(moment: datetime) -> datetime:
    """Twelve months after a moment."""
    return datetime.combine(months_later(moment.date(), _MONTHS), moment.timetz())


def next_quarter(day: date) -> date:
    """The first day of the next quarter."""
    return months_later(day.replace(day=1), _QUARTER - (day.month - 1) % _QUARTER)


def midnight(day: date) -> datetime:
    """The beginning of a day, in UTC."""
    return datetime.combine(day, time(), UTC)
