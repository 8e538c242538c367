"""What can be said of an answer that was given, or would have been: for certain, or not.

Where it may have been in more than one way, `decide` is asked for each. If all ways lead to one answer it is
certain; if not, that is said, and "allow" is never said of what may have been a block (GDPR Art. 5(2), 25).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.decision import Answer, Decision


class Said(StrEnum):
    """What an auditor is told."""

    ALLOW = "allow"
    BLOCK = "block"
    UNKNOWN = "unknown"


class Doubt(StrEnum):
    """Why something cannot be known; permanent codes."""

    COMMIT_TIME = "COMMIT_TIME"
    REGISTER_LIST_DROPPED = "REGISTER_LIST_DROPPED"
    CONTROLLER_NOT_REGISTERED = "CONTROLLER_NOT_REGISTERED"


DOUBT_TEXTS = {
    Doubt.COMMIT_TIME: (
        "An act had begun by known_at, and nothing shows that it was committed by then. Ask with the as_of "
        "of the lookup's answer or receipt instead."
    ),
    Doubt.REGISTER_LIST_DROPPED: (
        "The lines of the register's list that was in use have been dropped since; nobody can say whether it "
        "had the recipient."
    ),
    Doubt.CONTROLLER_NOT_REGISTERED: "The controller was not registered then: there was no answer.",
}


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`shown` is the decision by what the rows here say, `possible` each different one that it may have been.
    A single None is no answer at all; none at all means that nobody can say."""

    said: Said
    certain: bool
    shown: Decision | None
    possible: tuple[Decision | None, ...]


def conclude(decisions: Sequence[Decision | None]) -> Conclusion:
    """One conclusion of the decisions in every way in which it may have been; the first is what the rows
    say. Where there may have been no answer yet, it is asked what it was if there was one."""
    given = [one for one in decisions if one is not None] or decisions
    different: dict[tuple[str, str] | None, Decision | None] = {}
    for one in given:
        different.setdefault(_told(one), one)
    possible = tuple(different.values())
    shown = possible[0] if possible else None
    certain = len(possible) == 1
    if shown is None:
        return Conclusion(Said.UNKNOWN, certain, None, possible)
    if shown.answer is Answer.BLOCK:
        return Conclusion(Said.BLOCK, certain, shown, possible)
    return Conclusion(Said.ALLOW if certain else Said.UNKNOWN, certain, shown, possible)


def _told(decision: Decision | None) -> tuple[str, str] | None:
    return (decision.answer.value, decision.code) if decision else None
