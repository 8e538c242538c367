"""When somebody in Norway may be called for direct marketing: from 9 to 21 o'clock there, Monday to Friday,
but on public holidays (markedsføringsloven § 14)."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
OPENS, CLOSES = time(9), time(21)
LAST_YEAR = 2099
"""The last year whose holidays are known. After it nobody can say that a day is none, and so nobody calls."""

_SATURDAY = 5
_LONGEST_PAUSE = 14
"""More days than there ever are without calls, Easter and Christmas among them."""


def calling_ends(moment: datetime) -> datetime | None:
    """Until when a call that is lawful at this moment would be; None at a moment for no calls."""
    if moment.year > LAST_YEAR:
        return None
    local = moment.astimezone(OSLO)
    open_now = _calls_on(local.date()) and OPENS <= local.time() < CLOSES
    return _at(local.date(), CLOSES) if open_now else None


def next_calls(moment: datetime) -> datetime | None:
    """When calls begin again after a moment for none; None if that is not known."""
    if moment.year > LAST_YEAR:
        return None
    today = moment.astimezone(OSLO).date()
    days = (today + timedelta(days=n) for n in range(_LONGEST_PAUSE))
    starts = (_at(day, OPENS) for day in days if _calls_on(day))
    return next((start for start in starts if start > moment), None)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, OSLO).astimezone(UTC)


def _calls_on(day: date) -> bool:
    return day.weekday() < _SATURDAY and day.year <= LAST_YEAR and day not in _holidays(day.year)


@cache
def _holidays(year: int) -> Collection[date]:
    # Loading the calendars of the whole world takes longer than the rest of a start: a start does not wait.
    from holidays.countries.norway import Norway  # noqa: PLC0415 - see above

    return frozenset(Norway(years=year))


def load_calendar(now: datetime) -> None:
    """Make the first question quick that asks for a holiday, ahead of it."""
    _calls_on(now.date() + timedelta(days=-now.weekday()))
