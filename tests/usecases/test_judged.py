"""What is known of each of several identifiers, judged as what is known of one recipient."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID, uuid4

import numpy as np
import pytest

from app.domain.channels import ALL_CHANNELS, CHANNELS
from app.domain.consent import ConsentFact
from app.domain.decision import Answer, Decision, decide
from app.domain.entry import EntryFact, EntryKind
from app.domain.facts import ControllerProfile, Facts, Policy, Question, RegisterFact
from app.domain.places import Place
from app.domain.purposes import ALL_PURPOSES, PURPOSES
from app.usecases.consult_registers import Consulted
from app.usecases.look_up import Known, judged
from app.usecases.recipient_places import Places

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
P1, P2 = UUID(int=1 << 100), UUID(int=2 << 100)
"""The fingerprints of two identifiers, or of two forms of one."""

SMS, EMAIL, CALL = (CHANNELS[code].bit for code in ("sms", "email", "voice_live"))
SOUND = True, True, True
Told = EntryFact | ConsentFact
T = TypeVar("T", EntryFact, ConsentFact)
World = dict[UUID, list[Told]]


def day(number: int) -> datetime:
    """One of the days before now."""
    return NOW - timedelta(days=100 - number)


def entry(
    since: int,
    kind: EntryKind = EntryKind.OBJECTION,
    channels: int = ALL_CHANNELS,
    service_id: str | None = None,
) -> EntryFact:
    return EntryFact(uuid4(), kind, channels, ALL_PURPOSES, day(since), service_id=service_id)


def consent(given: int, channels: int = SMS, ended: int | None = None) -> ConsentFact:
    over = None if ended is None else day(ended)
    marketing = PURPOSES["marketing"].bit
    return ConsentFact(uuid4(), channels, marketing, day(given), day(given), *SOUND, ended_at=over)


def said(world: World, asked: Sequence[UUID], kind: type[T]) -> dict[UUID, list[T]]:
    """What is found under the asked fingerprints, of one kind."""
    found = {one: [fact for fact in world[one] if isinstance(fact, kind)] for one in asked}
    return {one: facts for one, facts in found.items() if facts}


def answer(
    world: World,
    asked: Sequence[UUID],
    channel: str = "sms",
    listed: Sequence[UUID] = (),
    policy: Policy | None = None,
) -> Decision:
    """The answer of one item that asks for all of these; `listed` are on NIX."""
    profile = ControllerProfile(policy=policy or Policy(registers=("nix_phone",) if listed else ()))
    usual = (RegisterFact("nix_phone", uuid4(), date(2026, 11, 1)),) if listed else ()
    hits = frozenset((0, one) for one in asked if one in listed)
    hit = {0: (RegisterFact("nix_phone", uuid4(), date(2026, 11, 1), hit=True),)} if hits else {}
    question = Question(channel, "marketing")
    known = Known(
        said(world, asked, EntryFact),
        said(world, asked, ConsentFact),
        {},
        Consulted(usual, hit, (), hits),
        Places(Place(frozenset({"SE"})), {}),
    )
    # As memory leaves out, before facts are read, whom no list knows.
    there = [one for one in asked if world[one]]
    spelt = b"".join(one.bytes for one in there), np.zeros(len(there), np.int64)
    found = judged(question, profile, known, spelt, NOW)
    others = Facts(profile, registers=usual, place=known.places.usual)
    return found.get(0) or decide(question, others, NOW)


OLD, LATER = consent(1), consent(3)
OPT_OUT = EntryKind.CHANNEL_OPTOUT
LEFT = entry(5, EntryKind.SERVICE_UNSUB, service_id="news")
INSUFFICIENT = "OBJ_DM_CONSENT_INSUFFICIENT"
ROWS: list[tuple[str, str, list[Told], list[Told], str]] = [
    ("one older consent beside another's later one", "sms", [entry(2), OLD], [LATER], INSUFFICIENT),
    (
        "one withdrawn consent beside another's live one",
        "sms",
        [entry(2), consent(1, ended=1)],
        [LATER],
        "OBJ_DM",
    ),
    (
        "one consent to mail beside another's to texts",
        "sms",
        [entry(2), consent(3, EMAIL)],
        [LATER],
        INSUFFICIENT,
    ),
    ("no consent beside another's", "sms", [entry(2)], [LATER], "OBJ_DM"),
    ("an opt-out beside another's consent", "sms", [entry(2, OPT_OUT), OLD], [LATER], "CHANNEL_OPTOUT"),
    ("a wish not to be contacted beside it", "sms", [entry(2, EntryKind.DNC), OLD], [LATER], "DNC_INTERNAL"),
    (
        "a withdrawn consent beside another's opt-out",
        "email",
        [consent(1, EMAIL, 2)],
        [entry(3, OPT_OUT, SMS)],
        "CONSENT_WITHDRAWN",
    ),
    (
        "a withdrawn consent under one form, a service left under both",
        "email",
        [LEFT],
        [LEFT, consent(1, EMAIL, 2)],
        "CONSENT_WITHDRAWN",
    ),
    (
        "a withdrawn consent beside another's later one",
        "sms",
        [consent(1, ended=2)],
        [LATER],
        "CONSENT_WITHDRAWN",
    ),
    ("a later consent to each", "sms", [entry(2), LATER], [entry(2), consent(4)], "NO_OBJECTION_FOUND"),
    (
        "each lifted, the one before the other was said",
        "sms",
        [entry(1), consent(2)],
        [entry(3), consent(4)],
        "NO_OBJECTION_FOUND",
    ),
    (
        "an entry under one form, one consent under both",
        "sms",
        [LATER],
        [entry(2), LATER],
        "NO_OBJECTION_FOUND",
    ),
    (
        "an entry under both forms, one consent under both",
        "sms",
        [both := entry(2), LATER],
        [both, LATER],
        "NO_OBJECTION_FOUND",
    ),
    ("an entry under both forms, the consent under one", "sms", [both], [both, LATER], "OBJ_DM"),
    (
        "withdrawn and renewed, beside another's opt-out",
        "email",
        [consent(1, EMAIL, 2), consent(3, EMAIL)],
        [entry(2, OPT_OUT, SMS)],
        "NO_OBJECTION_FOUND",
    ),
]


@pytest.mark.parametrize(
    ("channel", "one", "other", "code"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_consent_counts_for_the_spelling_under_which_it_is_found(
    channel: str, one: list[Told], other: list[Told], code: str
) -> None:
    assert answer({P1: one, P2: other}, [P1, P2], channel).code == code
    assert answer({P1: one, P2: other}, [P2, P1], channel).code == code


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ([], [consent(3, CALL)], "REG_HIT:nix_phone"),
        ([consent(3, SMS)], [consent(3, CALL)], "REG_HIT:nix_phone"),
        ([consent(3, CALL)], [], "REG_CONSENT"),
        ([consent(3, CALL)], [consent(1, EMAIL, 2)], "REG_CONSENT"),
        ([consent(3, CALL)], [entry(2), consent(3, CALL)], "REG_CONSENT"),
    ],
)
def test_who_is_in_a_register_is_called_by_a_consent_of_its_own(
    one: list[Told], other: list[Told], code: str
) -> None:
    assert answer({P1: one, P2: other}, [P1, P2], "voice_live", listed=[P1]).code == code


def test_where_consents_are_recorded_one_is_enough_beside_what_says_nothing_of_the_channel() -> None:
    """That nobody said yes under the other is no refusal: R30 asks for one consent of the recipient."""
    world: World = {P1: [consent(3, EMAIL)], P2: [entry(2, OPT_OUT, SMS), consent(3, CALL)]}
    recorded = Policy(basis="recorded")
    assert answer(world, [P1, P2], "email", policy=recorded).code == "CONSENT_VALID"


def facts(random: Random) -> Iterator[Told]:
    """Some of what may be known of one identifier."""
    kinds = (EntryKind.OBJECTION, EntryKind.DNC, OPT_OUT, EntryKind.OBJECTION_GENERAL)
    scopes = (ALL_CHANNELS, SMS, EMAIL, SMS | CALL)
    for _ in range(random.randrange(3)):
        yield entry(random.randrange(90), random.choice(kinds), random.choice(scopes))
    for _ in range(random.randrange(3)):
        given = random.randrange(90)
        ended = random.choice((None, given + random.randrange(9)))
        yield consent(given, random.choice(scopes), ended)


@pytest.mark.parametrize("seed", range(40))
def test_who_is_blocked_alone_is_blocked_beside_another(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    for _ in range(50):
        world: World = {P1: list(facts(random)), P2: list(facts(random))}
        listed = [P1, P2][random.randrange(2) : random.randrange(3)]
        for channel in ("sms", "email", "voice_live", "profiling"):
            alone = [answer(world, [one], channel, listed) for one in (P1, P2)]
            pair = answer(world, [P1, P2], channel, listed)
            if Answer.BLOCK in {one.answer for one in alone}:
                assert pair.answer is Answer.BLOCK, (channel, world, [one.code for one in alone], pair.code)
