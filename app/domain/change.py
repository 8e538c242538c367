"""What the change feed says: what became of entries, and what that asks of a sender.

An objection to direct marketing asks for an end of it and for nothing else (GDPR Art. 21(3)). It is no
request to be erased (Art. 17), none to leave, and none to be told anything (Art. 15).
"""

from enum import StrEnum
from typing import Final

INSTRUCTION: Final = "stop_direct_marketing"
NOT_IMPLIED: Final = ("erasure", "end_of_membership", "disclosure")


class Change(StrEnum):
    """What happened to an entry. Provisional: it was put in force below the level that the controller
    demands, and blocks all the same. Masked: a later consent goes before it in its scope (R14, R17, R18),
    until that ends. A tombstone goes on blocking."""

    ACTIVATED = "activated"
    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    CONTESTED = "contested"
    UPHELD = "upheld"
    REJECTED = "rejected"
    RELEASED = "released"
    TOMBSTONED = "tombstoned"
    MASKED = "masked"
    UNMASKED = "unmasked"


PUT_IN_FORCE: Final = frozenset({Change.ACTIVATED, Change.PROVISIONAL})


def change_of(word: str, level: int, minimum_level: int) -> Change:
    """What a stored word means for a controller that demands a level of mandates."""
    if word == "active":
        return Change.CONFIRMED
    change = Change(word)
    return Change.PROVISIONAL if change is Change.ACTIVATED and level < minimum_level else change
