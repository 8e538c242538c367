"""A mandate that is said to be forged: contested until it is settled, and blocking meanwhile.

Two different admins void it; the person's own word makes the will a direct one, without a gap; and whoever is
silent for 90 days did not give it (GDPR Art. 12(2), 12(6): doubt is no licence to send, and none to stop a
right).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.mandate import MandateState
from app.domain.refusals import Refusal, RefusedError

SILENCE = timedelta(days=90)
"""After so long without a word of the person a contested mandate is void (a default of ours)."""


class Finding(StrEnum):
    """What an admin holds of a mandate; permanent codes."""

    FORGED = "forged"
    CONFIRMED = "confirmed"
    GENUINE = "genuine"


@dataclass(frozen=True, slots=True)
class Stage:
    """One state that a mandate had, since when, and which credential put it there."""

    state: MandateState
    at: datetime
    credential_id: UUID | None


_FINAL = frozenset({MandateState.VOID, MandateState.REJECTED})


def settle(stages: Sequence[Stage], finding: Finding, admin: UUID) -> MandateState:
    """The state after a finding. `forged` contests, and said by a second, different admin voids. `confirmed`:
    the person wants the objections, whoever made them. `genuine` ends the doubt: what was before is again."""
    now = stages[-1]
    if now.state in _FINAL:
        raise RefusedError(Refusal.STATE_CONFLICT, "The mandate is void already, or never was in force.")
    if now.state is not MandateState.CONTESTED:
        if finding is not Finding.FORGED:
            raise RefusedError(Refusal.STATE_CONFLICT, "The mandate is not contested.")
        return MandateState.CONTESTED
    if finding is Finding.CONFIRMED:
        return MandateState.VOID
    if finding is Finding.GENUINE:
        return stages[-2].state
    if now.credential_id == admin:
        raise RefusedError(Refusal.SECOND_ADMIN_REQUIRED)
    return MandateState.VOID
