"""A suppression entry: what an objection, a do-not-call request, an opt-out or an import puts in force.

Entries are never edited. `provisional -> active -> released | tombstoned`: the state follows from the
level of the mandate behind it, from its events and from whether a release exists. It is released only by
withdrawal, voiding, rejection of a provisional one, or an identifier released with evidence.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID


class EntryKind(IntEnum):
    """Stored numbers; permanent. `CANARY` is the reserved entry that every fact statement must find."""

    CANARY = 0
    OBJECTION = 1
    OBJECTION_GENERAL = 2
    DNC = 3
    CHANNEL_OPTOUT = 4
    SERVICE_UNSUB = 5
    SOURCE_BLOCK = 6


class EntryState(StrEnum):
    """What the newest event of an entry says; provisional is derived from the mandate's level.
    Tombstoned: the person was erased; the entry is in force all the same, as it was before."""

    PROVISIONAL = "provisional"
    ACTIVE = "active"
    CONTESTED = "contested"
    RELEASED = "released"
    UPHELD = "upheld"
    REJECTED = "rejected"
    TOMBSTONED = "tombstoned"


class Binding(StrEnum):
    """An agent's objection is bound to the person, a do-not-call request to the identifier."""

    PERSON = "person"
    IDENTIFIER = "identifier"


DIRECT_LEVEL = 9
"""The level of what the person or the controller's customer service did: above every mandate."""


Wording = tuple[EntryKind, int, int, int, bool, bool, str | None]


@dataclass(frozen=True, slots=True)
class EntryFact:
    """One entry in force as the rules see it. Masks as in channels.py and purposes.py; `since` in UTC.
    `rejected`: the controller has weighed a general objection, and rejected it with reasons."""

    entry_id: UUID
    kind: EntryKind
    channels: int
    purposes: int
    since: datetime
    level: int = DIRECT_LEVEL
    contested: bool = False
    service_id: str | None = None
    rejected: bool = False

    @property
    def wording(self) -> Wording:
        """All that the rules look at but its age and its id."""
        return (
            self.kind,
            self.channels,
            self.purposes,
            self.level,
            self.contested,
            self.rejected,
            self.service_id,
        )

    @property
    def age(self) -> tuple[datetime, UUID]:
        """The order in which entries are cited, the oldest first."""
        return self.since, self.entry_id
