"""How long something may stay unanswered: one month from receipt (GDPR Art. 12(3)).

A month ends with the day of the same number, or with the last day of a month that has none (Regulation
1182/71 Art. 3(2)(c)). The longer times that the law allows in some cases are not counted on: who uses one has
told the person why within the month, and this list is there so that nobody forgets.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.calendar import months_later

_LONGEST = timedelta(days=31)


class Open(StrEnum):
    """What waits for somebody; permanent codes."""

    OBJECTION_UNVERIFIED = "objection_unverified"
    OBJECTION_CONTESTED = "objection_contested"
    OBJECTION_UNASSESSED = "objection_unassessed"
    MANDATE_CONTESTED = "mandate_contested"
    MANDATE_UNREVIEWED = "mandate_unreviewed"
    ERASURE_REQUESTED = "erasure_requested"


OPEN_TEXTS = {
    Open.OBJECTION_UNVERIFIED: "The mandate does not reach the level that every controller demands.",
    Open.OBJECTION_CONTESTED: "An admin has contested it, and a second one has not settled it.",
    Open.OBJECTION_UNASSESSED: "The controller has neither upheld nor rejected a general objection.",
    Open.MANDATE_CONTESTED: "It is said to be forged, and nobody has settled that.",
    Open.MANDATE_UNREVIEWED: "A check of it needs a person who looks.",
    Open.ERASURE_REQUESTED: "One admin has asked for an erasure, and a second one has not.",
}


NOBODY: Final = UUID(int=0)
"""In the place of a controller, where the registry itself has to answer."""


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A place in the list of what is open. Two kinds of one thing, or one thing at two controllers, may have
    begun at one time."""

    at: datetime
    kind: str
    id: UUID
    controller_id: UUID = NOBODY


def due_on(begun: datetime) -> date:
    """The last day for an answer, in UTC."""
    return months_later(begun.date(), 1)


def days_left(begun: datetime, now: datetime) -> int:
    """Whole days until the last one; 0 on it, negative after it."""
    return (due_on(begun) - now.date()).days


def begun_before(last: date) -> date:
    """The first day of which what began on it is due only after `last`."""
    day = last - _LONGEST
    while months_later(day, 1) <= last:
        day += timedelta(days=1)
    return day
