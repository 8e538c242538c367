"""What is asked and what is known: the inputs of `decide`. Nothing here reads anything."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from app.domain.consent import ConsentFact
from app.domain.entry import EntryFact
from app.domain.places import NOWHERE, Place
from app.domain.registers import Register
from app.domain.relationship import RelationshipFact


@dataclass(frozen=True, slots=True)
class Source:
    """Where the list came from: a registered source (`named`), or the kind of an unnamed one."""

    named: bool
    kind: str | None = None


SOURCE_KINDS = ("own", "bought", "rented", "partner")


@dataclass(frozen=True, slots=True)
class Question:
    """One question before a dispatch. Channel and purpose are as sent: R02 judges unknown ones."""

    channel: str | None
    purpose: str | None
    promo: bool = False
    service_id: str | None = None
    source: Source | None = None
    legal_basis_ref: str | None = None
    dispatch_at: datetime | None = None
    own_similar: bool = False
    product: str | None = None
    legal_person: bool = False
    """The last three are what the sender states of its offer, and of whom it is made to."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A controller's policy: data with history, each change an event. Defaults as in docs/rules.md."""

    basis: str = "asserted"
    registers: tuple[str, ...] = ()
    political: str = "strict"
    consent_lifts_objection: bool = True
    minimum_level: int = 1
    customer_base: int | None = None


BASES = ("asserted", "recorded")
POLITICAL_POLICIES = ("strict", "legacy_2022")
LEVELS = ("L0", "L1", "L2", "L3", "L4")
"""How much a mandate is worth; `minimum_level` is an index into this."""


@dataclass(frozen=True, slots=True)
class ControllerProfile:
    """What the rules need to know of the controller that will send."""

    public_body: bool = False
    sector: str | None = None
    country: str = "SE"
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """What the newest imported version of a consulted register says of one recipient: that it has it
    (`hit`), and, where the register has a flag of its own for that, that it wants no fundraising."""

    code: str
    snapshot_id: UUID | None = None
    version_date: date | None = None
    hit: bool = False
    charity: bool = False

    def reserved(self, purpose: str, register: Register) -> bool:
        """Whether the recipient has reserved itself against this purpose."""
        return self.charity if register.charity and purpose == "fundraising" else self.hit


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one recipient: entries in force on any of its identifiers, under this controller,
    under "all controllers" and at the named source; consents to and relationships with this controller; what
    each register that it consults says; where it is, as far as anybody tells. `readable` is False when nobody
    can read it."""

    controller: ControllerProfile
    entries: tuple[EntryFact, ...] = ()
    readable: bool = True
    consents: tuple[ConsentFact, ...] = ()
    relationships: tuple[RelationshipFact, ...] = ()
    registers: tuple[RegisterFact, ...] = ()
    place: Place = NOWHERE
