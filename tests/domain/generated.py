"""Questions, controllers and facts of every sort, for what must hold for all of them."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st

from app.domain.channels import ALL_CHANNELS, CHANNELS
from app.domain.consent import ConsentFact
from app.domain.entry import EntryFact, EntryKind
from app.domain.facts import (
    BASES,
    POLITICAL_POLICIES,
    SOURCE_KINDS,
    ControllerProfile,
    Facts,
    Policy,
    Question,
    RegisterFact,
    Source,
)
from app.domain.places import Place
from app.domain.purposes import ALL_PURPOSES, DM_MASK, OBJECTION_PURPOSES, PURPOSES, purpose_mask
from app.domain.registers import REGISTERS
from app.domain.relationship import RelationshipFact, RelationshipKind
from app.domain.rules_countries import PRODUCTS
from tests.domain.recipients import NOW, WORKDAY

SERVICES = st.sampled_from([None, "news", "bills"])
KINDS = [kind for kind in EntryKind if kind is not EntryKind.CANARY]
OBJECTIONS = {EntryKind.OBJECTION, EntryKind.OBJECTION_GENERAL}
DAYS = st.integers(0, 99).map(lambda days: NOW - timedelta(days=days))
LATER = st.sampled_from([NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1)])

QUESTIONS = st.builds(
    Question,
    channel=st.sampled_from([None, "pigeon", *CHANNELS]),
    purpose=st.sampled_from([None, "greeting", *PURPOSES]),
    promo=st.booleans(),
    service_id=SERVICES,
    source=st.none() | st.builds(Source, st.booleans(), st.sampled_from([None, *SOURCE_KINDS])),
    legal_basis_ref=st.sampled_from([None, "", "1 kap. 2 §"]),
    dispatch_at=st.sampled_from([None, NOW + timedelta(minutes=30), WORKDAY]),
    own_similar=st.booleans(),
    product=st.sampled_from([None, *PRODUCTS]),
    legal_person=st.booleans(),
)
"""Among them some that nobody can read."""

CHANNEL_MASKS = st.integers(0, ALL_CHANNELS) | st.just(ALL_CHANNELS)
PURPOSE_MASKS = st.integers(0, ALL_PURPOSES) | st.just(ALL_PURPOSES) | st.just(DM_MASK)


def objectable(one: EntryFact) -> EntryFact:
    """An objection names only what can be objected to, and only a general one is weighed."""
    general = one.kind is EntryKind.OBJECTION_GENERAL
    purposes = one.purposes
    if one.kind in OBJECTIONS and purposes != ALL_PURPOSES:
        purposes &= purpose_mask(OBJECTION_PURPOSES)
    return replace(one, purposes=purposes, rejected=one.rejected and general)


ENTRIES = st.builds(
    EntryFact,
    entry_id=st.integers(1, 9).map(lambda n: UUID(int=n)),
    kind=st.sampled_from(KINDS),
    channels=CHANNEL_MASKS,
    purposes=PURPOSE_MASKS,
    since=DAYS,
    level=st.sampled_from([0, 1, 4, 9]),
    contested=st.booleans(),
    service_id=SERVICES,
    rejected=st.booleans(),
).map(objectable)
CONSENTS = st.builds(
    ConsentFact,
    consent_id=st.integers(1, 9).map(lambda n: UUID(int=n)),
    channels=CHANNEL_MASKS,
    purposes=PURPOSE_MASKS,
    given_at=st.none() | DAYS | LATER,
    recorded_at=st.just(NOW),
    by_person=st.booleans(),
    names_controller=st.booleans(),
    evidenced=st.booleans(),
    barred=st.booleans(),
    ended_at=st.none() | LATER,
)
RELATIONSHIPS = st.builds(
    RelationshipFact,
    kind=st.sampled_from(RelationshipKind),
    since=DAYS,
    ended_at=st.none() | LATER | st.integers(300, 400).map(lambda days: NOW - timedelta(days=days)),
    collected_in_sale=st.booleans(),
    informed=st.booleans(),
    could_refuse=st.booleans(),
)
SAID = st.builds(
    RegisterFact,
    code=st.sampled_from([*REGISTERS]),
    snapshot_id=st.just(UUID(int=7)),
    version_date=DAYS.map(lambda time: time.date()),
    hit=st.booleans(),
    charity=st.booleans(),
)
PLACES = st.builds(
    Place, st.frozensets(st.sampled_from(["SE", "NO", "DK", "ZZ"]), max_size=2), office=st.booleans()
)
CONTROLLERS = st.builds(
    ControllerProfile,
    public_body=st.booleans(),
    sector=st.sampled_from([None, "gambling"]),
    country=st.sampled_from(["SE", "NO", "DK"]),
    policy=st.builds(
        Policy,
        basis=st.sampled_from(BASES),
        registers=st.lists(st.sampled_from([*REGISTERS, "unheard_of"]), max_size=3, unique=True).map(tuple),
        political=st.sampled_from(POLITICAL_POLICIES),
        consent_lifts_objection=st.booleans(),
        minimum_level=st.integers(0, 4),
    ),
)
SEVERAL = st.lists(ENTRIES, max_size=4, unique_by=lambda one: one.entry_id).map(tuple)
FACTS = st.builds(
    Facts,
    controller=CONTROLLERS,
    entries=SEVERAL,
    consents=st.lists(CONSENTS, max_size=2, unique_by=lambda one: one.consent_id).map(tuple),
    relationships=st.lists(RELATIONSHIPS, max_size=2).map(tuple),
    registers=st.lists(SAID, max_size=3, unique_by=lambda one: one.code).map(tuple),
    place=PLACES,
)
many = settings(deadline=None, max_examples=300)
