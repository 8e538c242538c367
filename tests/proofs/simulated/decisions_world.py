"""The same people judged one by one, many at once and in another order; and what an objection does to an
answer.
"""

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

from app.domain import decision
from app.domain.channels import ALL_CHANNELS, CHANNELS
from app.domain.consent import ConsentFact
from app.domain.decision import BEFORE_ALL_FACTS, Answer
from app.domain.entry import EntryFact, EntryKind
from app.domain.facts import ControllerProfile, Facts, Policy, Question
from app.domain.purposes import ALL_PURPOSES, PURPOSES
from tests.domain.recipients import NOW
from tests.proofs.simulated.loop import SeededLoop

KINDS = [kind for kind in EntryKind if kind is not EntryKind.CANARY]
ROUNDS = 25


def _entry(chance: Random) -> EntryFact:
    kind = chance.choice(KINDS)
    rejected = kind is EntryKind.OBJECTION_GENERAL and chance.random() < 0.4
    channels = chance.choice([ALL_CHANNELS, chance.randint(0, ALL_CHANNELS)])
    since = NOW - timedelta(days=chance.randint(0, 9))
    id_ = UUID(int=chance.getrandbits(64))
    return EntryFact(
        id_,
        kind,
        channels,
        ALL_PURPOSES,
        since,
        chance.choice([0, 1, 4]),
        chance.random() < 0.2,
        None,
        rejected,
    )


def _consent(chance: Random) -> ConsentFact:
    given = NOW - timedelta(days=chance.randint(0, 9))
    ended = given + timedelta(days=chance.randint(0, 5)) if chance.random() < 0.4 else None
    return ConsentFact(
        consent_id=UUID(int=chance.getrandbits(64)),
        channels=ALL_CHANNELS,
        purposes=ALL_PURPOSES,
        given_at=given,
        recorded_at=NOW,
        by_person=chance.random() < 0.8,
        names_controller=chance.random() < 0.8,
        evidenced=chance.random() < 0.8,
        barred=chance.random() < 0.2,
        ended_at=ended,
    )


def _facts(chance: Random, controller: ControllerProfile, consents: tuple[ConsentFact, ...]) -> Facts:
    entries = tuple(_entry(chance) for _ in range(chance.choice([0, 1, 1, 2, 4])))
    mine = consents if chance.random() < 0.5 else (_consent(chance),)
    return Facts(controller, entries=entries, consents=mine)


async def decisions_world(loop: SeededLoop) -> list[str]:
    chance, wrong = loop.chance, set[str]()
    for _ in range(ROUNDS):
        policy = Policy(
            basis=chance.choice(["asserted", "recorded"]),
            consent_lifts_objection=chance.random() < 0.5,
            minimum_level=chance.choice([0, 1, 4]),
        )
        controller = ControllerProfile(public_body=False, sector=None, country="SE", policy=policy)
        question = Question(channel=chance.choice([*CHANNELS]), purpose=chance.choice([*PURPOSES]))
        shared = (_consent(chance),)
        people = {place: _facts(chance, controller, shared) for place in range(chance.randint(2, 9))}
        # Two of whom the same is said, in entries of their own.
        same = tuple(replace(one, entry_id=UUID(int=chance.getrandbits(64))) for one in people[0].entries)
        people[len(people)] = replace(people[0], entries=same)
        wrong |= _judged_apart(question, people)
        wrong |= _objected(question, people[0])
        entries = {place: facts.entries for place, facts in people.items()}
        others = replace(people[0], entries=(), consents=shared)
        many = decision.decide_entries(question, others, entries, NOW)
        alone = {p: decision.decide(question, replace(others, entries=e), NOW) for p, e in entries.items()}
        wrong |= {"of entries alone, many are judged otherwise than each"} if many != alone else set()
    return sorted(wrong)


def _judged_apart(question: Question, people: dict[int, Facts]) -> set[str]:
    alone = {place: decision.decide(question, facts, NOW) for place, facts in people.items()}
    found = set()
    if decision.decide_each(question, people, NOW) != alone:
        found.add("many are judged otherwise than each")
    turned = {place: people[place] for place in reversed(people)}
    if decision.decide_each(question, turned, NOW) != alone:
        found.add("the order of the people matters")
    return found


def _objected(question: Question, facts: Facts) -> set[str]:
    """GDPR Art. 21(3): whoever has objected, to everything and just now, is not sent advertising."""
    entry = EntryFact(UUID(int=1), EntryKind.OBJECTION, ALL_CHANNELS, ALL_PURPOSES, NOW, 4)
    without = replace(facts, consents=())
    before = decision.decide(question, without, NOW)
    after = decision.decide(question, replace(without, entries=(*facts.entries, entry)), NOW)
    if before.answer is Answer.BLOCK and after.answer is Answer.ALLOW:
        return {"an objection cleared somebody"}
    if (
        question.purpose == "marketing"
        and after.answer is Answer.ALLOW
        and after.code not in BEFORE_ALL_FACTS
    ):
        return {"an objection did not block"}
    return set()
