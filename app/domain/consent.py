"""A consent as the rules see it (GDPR Art. 4(11), 7): what it covers, and whether it can be relied on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

CONSENT_OBJECTION_CONFLICT = "CONSENT_OBJECTION_CONFLICT"
"""An objection stands in the scope of a consent: the newest act of the person wins there (R12-R14)."""


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """One consent to one controller. Masks as in channels.py and purposes.py; times in UTC.

    `given_at` is None when nobody knows when it was given. `evidenced`: somebody can show it (Art. 7(1)).
    `barred`: it came from a win-back that an objection had forbidden.
    """

    consent_id: UUID
    channels: int
    purposes: int
    given_at: datetime | None
    recorded_at: datetime
    by_person: bool
    names_controller: bool
    evidenced: bool
    barred: bool = False
    ended_at: datetime | None = None

    def live(self, at: datetime) -> bool:
        """Whether it has not been withdrawn by then."""
        return self.ended_at is None or self.ended_at > at

    @property
    def reliable(self) -> bool:
        """Whether it is the person's own word to this controller, shown, and honestly come by."""
        return self.by_person and self.names_controller and self.evidenced and not self.barred
