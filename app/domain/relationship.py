"""A relationship of a person with a controller, as the rules see it: customer, or member."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.calendar import a_year_after


class RelationshipKind(StrEnum):
    """The kinds that a rule looks at."""

    CUSTOMER = "customer"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class RelationshipFact:
    """One relationship. The last three are what the soft opt-in asks for (ePrivacy Art. 13(2)): the address
    was collected in the seller's own sale, the person was told then, and could refuse then."""

    kind: RelationshipKind
    since: datetime
    ended_at: datetime | None = None
    collected_in_sale: bool = False
    informed: bool = False
    could_refuse: bool = False

    def live(self, at: datetime) -> bool:
        """Whether it has begun and not ended by then."""
        return self.since <= at and (self.ended_at is None or self.ended_at > at)

    def recent(self, at: datetime) -> bool:
        """Whether it lasts, or ended at most twelve months before."""
        return self.since <= at and (self.ended_at is None or a_year_after(self.ended_at) >= at)

    @property
    def recent_until(self) -> datetime | None:
        """Until when `recent` holds; None as long as it lasts."""
        return a_year_after(self.ended_at) if self.ended_at else None

    @property
    def soft_opt_in(self) -> bool:
        """Whether the address may be used for the seller's own similar goods until the person says no."""
        sale = self.kind is RelationshipKind.CUSTOMER and self.collected_in_sale
        return sale and self.informed and self.could_refuse

    def wording(self, at: datetime, soon: datetime) -> Hashable:
        """All that the rules look at; its own times only if `recent` ends before `soon`."""
        until = self.recent_until
        if until is not None and until >= at and until < soon:
            return self
        return self.kind, self.live(at), self.recent(at), self.ended_at is None, self.soft_opt_in
