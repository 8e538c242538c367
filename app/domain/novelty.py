"""How many people a controller may ask about that it has not asked about before (GDPR Art. 5(1)(b), 25).

The answer to a lookup says who has objected. Whoever asks about every number there is would have a list of
them, so a controller asks about its customers: as many as it has declared, with a margin, and so many new
ones a day. What lies close together (a whole block of a hundred numbers) is no customer base but a scan.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PERIOD_DAYS: Final = 30.0
"""After which all is forgotten."""

MARGIN: Final = 1.25
CHURN: Final = 0.05
"""Of the base, new people a day: an honest sender has 0.02 at most."""

UNDECLARED: Final = 10_000_000
UNDECLARED_IN_SEQUENCE: Final = 2_000_000
SMALLEST: Final = 1_000
"""What is taken for the base of a controller that has declared none, or a smaller one."""

ERROR: Final = 1.06
"""So much too high a count may be."""

BLOCK_DIGITS: Final = 2
DENSE: Final = 30
"""Of the hundred numbers that differ in their last two digits."""
DENSE_FROM: Final = 20_000
"""Small companies have whole blocks of numbers, too."""

SECONDS_OF_A_DAY: Final = 86_400.0


class Cause(StrEnum):
    """Why a controller is slowed."""

    NOVELTY = "novelty"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Seen:
    """About how many different identifiers, and of phone numbers how many and in how many blocks, since so
    many days."""

    identifiers: float
    numbers: float
    blocks: float
    days: float


def in_sequence(seen: Seen) -> bool:
    """Whether the numbers lie too close together for customers."""
    return seen.numbers >= DENSE_FROM and seen.numbers > DENSE * seen.blocks


def allowance(base: int | None, seen: Seen) -> float:
    """How many different identifiers may have been asked about by now. In sequence there is no margin."""
    if in_sequence(seen):
        return UNDECLARED_IN_SEQUENCE if base is None else max(base, SMALLEST)
    return _base(base) * (MARGIN + CHURN * seen.days)


def exceeded(base: int | None, seen: Seen) -> Cause | None:
    """Why this controller is slowed from now on, or None."""
    if seen.identifiers <= allowance(base, seen) * ERROR:
        return None
    return Cause.SEQUENCE if in_sequence(seen) else Cause.NOVELTY


def seconds_for(base: int | None, identifiers: int) -> float:
    """How long a controller that is slowed has to wait after so many: what is new in a base of its size."""
    return identifiers * SECONDS_OF_A_DAY / (_base(base) * CHURN)


def _base(base: int | None) -> int:
    return UNDECLARED if base is None else max(base, SMALLEST)
