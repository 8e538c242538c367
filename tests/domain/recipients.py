"""Questions, entries and controllers for the tests of the rules; what a test does not say is ordinary."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.channels import ALL_CHANNELS, channel_mask
from app.domain.consent import ConsentFact
from app.domain.decision import Decision, decide
from app.domain.entry import DIRECT_LEVEL, EntryFact, EntryKind
from app.domain.facts import ControllerProfile, Facts, Policy, Question, RegisterFact, Source
from app.domain.places import NOWHERE, Place
from app.domain.purposes import ALL_PURPOSES, purpose_mask
from app.domain.relationship import RelationshipFact, RelationshipKind

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

WORKDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""A Monday; NOW is a Saturday, when nobody in Norway is called."""

NAMED = Source(named=True)
BOUGHT = Source(named=False, kind="bought")


def ask(purpose: str | None = "marketing", channel: str | None = "sms", **fields: Any) -> Question:
    return Question(channel, purpose, **fields)


def entry(kind: EntryKind, number: int = 1, **fields: Any) -> EntryFact:
    scope = {"channels": ALL_CHANNELS, "purposes": ALL_PURPOSES, "since": NOW - DAY, **fields}
    return EntryFact(UUID(int=number), kind, **scope)


def objection(*purposes: str, channels: list[str] | None = None, **fields: Any) -> EntryFact:
    """An Art. 21(2) objection; without purposes to direct marketing."""
    mask = purpose_mask(purposes or ("direct_marketing",))
    return entry(EntryKind.OBJECTION, channels=channel_mask(channels), purposes=mask, **fields)


def general(*purposes: str, **fields: Any) -> EntryFact:
    """An Art. 21(1) objection; without purposes to everything."""
    return entry(EntryKind.OBJECTION_GENERAL, purposes=purpose_mask(purposes or None), **fields)


def source_block(*purposes: str) -> EntryFact:
    return entry(EntryKind.SOURCE_BLOCK, purposes=purpose_mask(purposes or None))


def dnc(*channels: str) -> EntryFact:
    return entry(EntryKind.DNC, channels=channel_mask(channels or None))


def optout(*channels: str) -> EntryFact:
    return entry(EntryKind.CHANNEL_OPTOUT, channels=channel_mask(channels or None))


def left(service_id: str) -> EntryFact:
    return entry(EntryKind.SERVICE_UNSUB, service_id=service_id)


CONTESTED = objection(contested=True)
PROVISIONAL = objection(level=0)
CONFIRMED = objection(level=DIRECT_LEVEL)

EVERYTHING = (objection(), CONTESTED, PROVISIONAL, general(), source_block(), dnc(), optout(), left("news"))
"""One entry of each kind that there is."""


def controller(
    *, public_body: bool = False, sector: str | None = None, country: str = "SE", **policy: Any
) -> ControllerProfile:
    return ControllerProfile(public_body, sector, country, Policy(**policy))


def in_(*countries: str, office: bool = False) -> Place:
    """Where somebody is; in Sweden unless a test says another thing."""
    return Place(frozenset(countries), office=office)


SWEDEN, NORWAY, DENMARK = in_("SE"), in_("NO"), in_("DK")
UNPLACED = NOWHERE


ORDINARY = controller()
AUTHORITY = controller(public_body=True)
RECORDED = controller(basis="recorded")


Fact = EntryFact | ConsentFact | RelationshipFact | RegisterFact | Place


def consent(channels: str = "sms", purposes: str = "marketing", **fields: Any) -> ConsentFact:
    """A consent that can be relied on, given an hour ago; codes divided by spaces."""
    sound = {"by_person": True, "names_controller": True, "evidenced": True, "recorded_at": NOW}
    scope = (channel_mask(channels.split()), purpose_mask(purposes.split()))
    number = fields.pop("number", 1)
    return ConsentFact(UUID(int=number), *scope, **{"given_at": NOW - HOUR, **sound, **fields})


def customer(**fields: Any) -> RelationshipFact:
    """A customer of a sale that carries a soft opt-in, for a year."""
    sale = {"collected_in_sale": True, "informed": True, "could_refuse": True}
    return RelationshipFact(RelationshipKind.CUSTOMER, **{"since": NOW - 365 * DAY, **sale, **fields})


def member(**fields: Any) -> RelationshipFact:
    return RelationshipFact(RelationshipKind.MEMBER, **{"since": NOW - 365 * DAY, **fields})


def register(code: str, *, hit: bool = False, days: int = 0, charity: bool = False) -> RegisterFact:
    """What a version of some days ago says."""
    return RegisterFact(code, UUID(int=7), (NOW - days * DAY).date(), hit, charity)


def facts_of(*given: Fact, by: ControllerProfile = ORDINARY) -> Facts:
    return Facts(
        by,
        tuple(one for one in given if isinstance(one, EntryFact)),
        consents=tuple(one for one in given if isinstance(one, ConsentFact)),
        relationships=tuple(one for one in given if isinstance(one, RelationshipFact)),
        registers=tuple(one for one in given if isinstance(one, RegisterFact)),
        place=next((one for one in given if isinstance(one, Place)), SWEDEN),
    )


def judged(question: Question, *given: Fact, by: ControllerProfile = ORDINARY) -> Decision:
    return decide(question, facts_of(*given, by=by), NOW)
