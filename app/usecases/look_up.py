"""The lookup before a dispatch: may this be sent, to each of these, by this controller, here and for this?

One snapshot, one statement per kind of fact. N questions give N answers in their order. Whatever cannot be
read for certain is not answered "clear" (R03; GDPR Art. 25, 32).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID

import numpy as np

from app.domain.column import Indices
from app.domain.consent import ConsentFact
from app.domain.decision import (
    Answer,
    Decision,
    decide,
    decide_each,
    decide_entries,
    decide_without_facts,
    registers_asked,
)
from app.domain.entry import EntryFact
from app.domain.facts import ControllerProfile, Facts, Question
from app.domain.parties import Caller, entitled
from app.domain.refusals import Refusal, RefusedError, UnavailableError
from app.domain.relationship import RelationshipFact
from app.storage.facts import find_consents, find_relationships, has_facts
from app.storage.lookup_units import LookupUnit, only
from app.storage.lookups import Lists, find_entries, open_lists, source_number
from app.storage.versions import AsOf
from app.usecases.aside import aside
from app.usecases.asked_identifiers import Asked
from app.usecases.consult_registers import Consulted, UsedSnapshot, consult
from app.usecases.lookup_command import LookupCommand
from app.usecases.matching import matched
from app.usecases.recipient_places import Places, places_of, places_weight
from app.usecases.weigh_novelty import weigh_novelty

T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """The answers of one lookup: what the most get, and by index what some get instead. `registers` are the
    versions of national registers that were asked, of those that cover the question."""

    usual: Decision
    special: Mapping[int, Decision]
    count: int
    as_of: AsOf | None
    controller_no: int
    decided_at: datetime
    registers: tuple[UsedSnapshot, ...] = ()

    @cached_property
    def unreadable(self) -> int:
        """How many items nobody could read; they are among the blocked."""
        usual = self.count - len(self.special) if self.usual.code == "INPUT_INVALID" else 0
        return usual + sum(one.code == "INPUT_INVALID" for one in self.special.values())

    @cached_property
    def blocked(self) -> int:
        """How many items are answered block."""
        usual = self.count - len(self.special) if self.usual.answer is Answer.BLOCK else 0
        return usual + sum(one.answer is Answer.BLOCK for one in self.special.values())

    @cached_property
    def valid_until(self) -> datetime:
        """The earliest expiry among the answers."""
        return min([self.usual.valid_until, *(one.valid_until for one in self.special.values())])


async def look_up(
    unit: LookupUnit, caller: Caller, command: LookupCommand, asked: Asked, now: datetime
) -> Found:
    """Answer every item from facts. UnavailableError when they cannot be read with certainty."""
    if not caller.known:
        raise UnavailableError("the register of credentials was not read")
    controller_no = entitled(caller, command.controller_id)
    source_no = await _source(unit, command)
    read = await _read_together(unit, command, asked, controller_no, source_no)
    lists, known, searched = read or await _read(unit, command, asked, controller_no, source_no)
    special = await aside(known.weight, judged, command.question, lists.profile, known, searched, now)
    special |= unreadable_items(command.question, lists.profile, asked, now)
    usual = decide(
        command.question, Facts(lists.profile, registers=known.consulted.usual, place=known.places.usual), now
    )
    covering = registers_asked(command.question, lists.profile, now)
    registers = tuple(one for one in known.consulted.used if one.code in covering)
    return Found(usual, special, asked.count, lists.as_of, controller_no, now, registers)


def look_up_without_facts(caller: Caller, command: LookupCommand, asked: Asked, now: datetime) -> Found:
    """R03: what may be answered while nothing can be read. UnavailableError unless every item can be. For
    whom a processor asks is not known then, and so not judged."""
    if not caller.known and command.controller_id not in caller.acts_for:
        raise UnavailableError("nobody can say who may ask for this controller")
    controller_no = entitled(caller, command.controller_id)
    profile = ControllerProfile()
    usual = decide_without_facts(command.question, Facts(profile), now)
    special = unreadable_items(command.question, profile, asked, now)
    if usual is None:
        raise UnavailableError("no certain answer without facts")
    return Found(usual, special, asked.count, None, controller_no, now)


async def _read_together(
    unit: LookupUnit, command: LookupCommand, asked: Asked, controller_no: int, source_no: int | None
) -> "_Read | None":
    """What is read at a position that was asked for together with other requests: nothing where memory says
    that nobody is known, else the entries, as long as the lists still stand there. None where more than that
    decides, or memory cannot say."""
    standing = await unit.presence.standing(controller_no, source_no)
    if standing is None or standing.lists.profile.policy.registers or has_facts(standing.lists):
        return None
    lists = standing.lists
    if command.min_as_of is not None and not lists.as_of.reaches(command.min_as_of):
        return None
    digests, owners = await aside(
        asked.weight, asked.digests, unit.instruments.fingerprints, hashed_too=lists.hash_only
    )
    places = unit.places(standing.sieve, digests)
    if places is None:
        return None
    known, owners = only(digests, places), owners[places]
    entries = await unit.entries_there(lists, known) if len(places) else {}
    if entries is None:
        return None
    weigh_novelty(unit, command, asked, digests, controller_no, lists.profile.policy)
    unit.from_memory = True
    facts = Known(entries, {}, {}, Consulted((), {}, ()), await _places(command, asked))
    return lists, facts, (known, owners)


async def _read(
    unit: LookupUnit, command: LookupCommand, asked: Asked, controller_no: int, source_no: int | None
) -> "_Read":
    """What is read in a snapshot of this lookup's own; memory says for whom there is nothing to be read."""
    lists = await open_lists(unit, controller_no, source_no)
    if command.min_as_of is not None and not lists.as_of.reaches(command.min_as_of):
        raise RefusedError(Refusal.NOT_FRESH)
    digests, owners = await aside(
        asked.weight, asked.digests, unit.instruments.fingerprints, hashed_too=lists.hash_only
    )
    weigh_novelty(unit, command, asked, digests, controller_no, lists.profile.policy)
    consulted = await consult(unit, lists.profile.policy.registers, asked, digests, owners)
    places = await _places(command, asked)
    digests, owners = await unit.narrowed(lists, digests, owners)
    known = Known(
        await find_entries(unit, lists, digests),
        await find_consents(unit, lists, digests),
        await find_relationships(unit, lists, digests),
        consulted,
        places,
    )
    return lists, known, (digests, owners)


async def _places(command: LookupCommand, asked: Asked) -> Places:
    weight = places_weight(command.question, asked)
    return await aside(weight, places_of, command.question, asked, command.identifiers, command.region)


async def _source(unit: LookupUnit, command: LookupCommand) -> int | None:
    if command.source_id is None:
        return None
    number = await source_number(unit, command.source_id)
    if number is None:
        raise RefusedError(Refusal.UNKNOWN_REFERENCE, "There is no such source.")
    return number


@dataclass(frozen=True, slots=True)
class Known:
    """What was found under the asked fingerprints, what registers say, and where the recipients are."""

    entries: Mapping[UUID, Sequence[EntryFact]]
    consents: Mapping[UUID, Sequence[ConsentFact]]
    relationships: Mapping[UUID, Sequence[RelationshipFact]]
    consulted: Consulted
    places: Places

    @property
    def weight(self) -> int:
        """About how many recipients are judged by themselves."""
        facts = len(self.entries) + len(self.consents) + len(self.relationships)
        return 3 * (facts + len(self.consulted.special) + len(self.places.special))


_Read = tuple[Lists, Known, tuple[bytes, Indices]]
"""The lists, what is known under their positions, and the fingerprints that were searched for with the item
that each belongs to."""


def judged(
    question: Question, profile: ControllerProfile, known: Known, asked: tuple[bytes, Indices], now: datetime
) -> dict[int, Decision]:
    """The answer for each item of which anything is known. Of most of these it is only entries. A consent
    counts under its own spellings alone: whoever is refused by one of an item is refused."""
    digests, owners = asked
    entries = _by_item(digests, owners, known.entries)
    consents = _by_item(digests, owners, known.consents)
    consented = list(consents)
    for index in _blocked_elsewhere(digests, owners, known.entries.keys(), known.consents.keys()):
        consents.pop(index, None)
    relationships = _by_item(digests, owners, known.relationships)
    recipients = {
        index: Facts(
            profile,
            tuple(entries.pop(index, ())),
            consents=tuple(consents.get(index, ())),
            relationships=tuple(relationships.get(index, ())),
            registers=known.consulted.of(index),
            place=known.places.of(index),
        )
        for index in (
            consents.keys()
            | relationships.keys()
            | known.consulted.special.keys()
            | known.places.special.keys()
        )
    }
    others = Facts(profile, registers=known.consulted.usual, place=known.places.usual)
    answers = decide_entries(question, others, entries, now)
    answers |= decide_each(question, recipients, now)
    lifted = {index: recipients.get(index, others) for index in consented if answers[index].allowed}
    return answers | _refused_alone(question, known, asked, lifted, now)


def _refused_alone(
    question: Question,
    known: Known,
    asked: tuple[bytes, Indices],
    recipients: Mapping[int, Facts],
    now: datetime,
) -> dict[int, Decision]:
    """Those of these recipients whom something refuses when they are asked for by one of their spellings. A
    consent given for another lifts no entry there, renews no consent that was withdrawn, and makes no
    register needless."""
    if not recipients:
        return {}
    digests, owners = asked
    places = np.flatnonzero((np.bincount(owners)[owners] > 1) & np.isin(owners, list(recipients)))
    spelt = only(digests, places)
    spellings = [UUID(bytes=spelt[n : n + 16]) for n in range(0, len(spelt), 16)]
    listed = {one for one in known.consulted.hits if one[0] in recipients}
    alone = sorted(listed.union(zip(owners[places].tolist(), spellings, strict=True)))
    facts = {
        n: replace(
            recipients[index],
            entries=tuple(known.entries.get(spelling, ())),
            consents=tuple(known.consents.get(spelling, ())),
            registers=recipients[index].registers if (index, spelling) in listed else (),
        )
        for n, (index, spelling) in enumerate(alone)
    }
    answers = decide_each(question, facts, now)
    return {alone[n][0]: answer for n, answer in answers.items() if answer.refused}


def _blocked_elsewhere(
    digests: bytes, owners: Indices, blocking: Collection[UUID], consented: Collection[UUID]
) -> set[int]:
    """The items that an entry reaches under a spelling for which there is no consent. A consent given for one
    identifier says nothing of another: whoever was asked about beside it may be somebody else."""
    if not consented:
        return set()
    return {
        index for index, _ in matched(digests, owners, dict.fromkeys(set(blocking) - set(consented), True))
    }


def _by_item(digests: bytes, owners: Indices, hits: Mapping[UUID, Sequence[T]]) -> dict[int, list[T]]:
    """The facts of each item that has any. Matching is by identifier: one hit among several blocks."""
    found: dict[int, list[T]] = {}
    for index, facts in matched(digests, owners, hits):
        found.setdefault(index, []).extend(facts)
    return found


def unreadable_items(
    question: Question, profile: ControllerProfile, asked: Asked, now: datetime
) -> dict[int, Decision]:
    """The answer for each item that cannot be read (R02)."""
    if not asked.unreadable:
        return {}
    decision = decide(question, Facts(profile, readable=False), now)
    return dict.fromkeys(asked.unreadable, decision)
