"""The lookup before a dispatch: may this be sent, to each of these, by this controller, here and for this?

One snapshot, one statement per kind of fact. N questions give N answers in their order. Whatever cannot be
read for certain is not answered "clear" (R03; GDPR Art. 25, 32).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from app.domain.decision import Answer, Decision, decide, decide_each, decide_without_facts
from app.domain.facts import ControllerProfile, Facts, Question
from app.domain.parties import Caller, entitled
from app.domain.refusals import Refusal, RefusedError, UnavailableError
from app.storage.facts import find_consents, find_relationships
from app.storage.lookup_units import LookupUnit
from app.storage.lookups import Lists, find_entries, open_lists, source_number
from app.storage.versions import AsOf
from app.usecases.asked_identifiers import Asked
from app.usecases.consult_registers import Consulted, consult

T = TypeVar("T")

_Read = tuple[Lists, Consulted, Mapping[int, Facts]]
"""What a lookup reads: its lists, what the registers say, and by index what is known of a recipient."""

MANY = 256
"""Among so many recipients there is nearly always one of whom something is known."""


@dataclass(frozen=True, slots=True)
class LookupCommand:
    """One lookup. `identifiers` are as sent: strings and objects, judged one by one."""

    controller_id: UUID
    question: Question
    identifiers: Sequence[Any]
    region: str | None = None
    source_id: UUID | None = None
    min_as_of: AsOf | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The answers of one lookup: what the most get, and by index what some get instead."""

    usual: Decision
    special: Mapping[int, Decision]
    count: int
    as_of: AsOf | None
    controller_no: int
    decided_at: datetime

    @property
    def unreadable(self) -> int:
        """How many items nobody could read; they are among the blocked."""
        usual = self.count - len(self.special) if self.usual.code == "INPUT_INVALID" else 0
        return usual + sum(one.code == "INPUT_INVALID" for one in self.special.values())

    @property
    def blocked(self) -> int:
        """How many items are answered block."""
        usual = self.count - len(self.special) if self.usual.answer is Answer.BLOCK else 0
        return usual + sum(one.answer is Answer.BLOCK for one in self.special.values())

    @property
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
    read = await _nobody_known(unit, command, asked, controller_no, source_no)
    lists, consulted, recipients = read or await _read(unit, command, asked, controller_no, source_no)
    special = decide_each(command.question, recipients, now)
    special |= _unreadable(command.question, lists.profile, asked, now)
    usual = decide(command.question, Facts(lists.profile, registers=consulted.usual), now)
    return Found(usual, special, asked.count, lists.as_of, controller_no, now)


def look_up_without_facts(caller: Caller, command: LookupCommand, asked: Asked, now: datetime) -> Found:
    """R03: what may be answered while nothing can be read. UnavailableError unless every item can be. For
    whom a processor asks is not known then, and so not judged."""
    if not caller.known and command.controller_id not in caller.acts_for:
        raise UnavailableError("nobody can say who may ask for this controller")
    controller_no = entitled(caller, command.controller_id)
    profile = ControllerProfile()
    usual = decide_without_facts(command.question, Facts(profile), now)
    special = _unreadable(command.question, profile, asked, now)
    if usual is None:
        raise UnavailableError("no certain answer without facts")
    return Found(usual, special, asked.count, None, controller_no, now)


async def _nobody_known(
    unit: LookupUnit, command: LookupCommand, asked: Asked, controller_no: int, source_no: int | None
) -> _Read | None:
    """What is read for a few recipients of whom memory says that nothing is known, at a position that was
    read together with other requests. None for all others."""
    standing = await unit.presence.standing(controller_no, source_no) if asked.count < MANY else None
    if standing is None or standing.lists.profile.policy.registers:
        return None
    if command.min_as_of is not None and not standing.lists.as_of.reaches(command.min_as_of):
        return None
    digests, _ = asked.digests(unit.instruments.fingerprints, hashed_too=standing.lists.hash_only)
    if unit.places(standing.sieve, digests) != []:
        return None
    unit.from_memory = True
    return standing.lists, Consulted((), {}), {}


async def _read(
    unit: LookupUnit, command: LookupCommand, asked: Asked, controller_no: int, source_no: int | None
) -> _Read:
    """What is read in a snapshot of this lookup's own; memory says for whom there is nothing to be read."""
    lists = await open_lists(unit, controller_no, source_no)
    if command.min_as_of is not None and not lists.as_of.reaches(command.min_as_of):
        raise RefusedError(Refusal.NOT_FRESH)
    digests, owners = asked.digests(unit.instruments.fingerprints, hashed_too=lists.hash_only)
    consulted = await consult(unit, lists.profile.policy.registers, asked, digests, owners)
    known = await unit.narrowed(lists, digests, owners)
    return lists, consulted, await _recipients(unit, lists, *known, consulted)


async def _source(unit: LookupUnit, command: LookupCommand) -> int | None:
    if command.source_id is None:
        return None
    number = await source_number(unit, command.source_id)
    if number is None:
        raise RefusedError(Refusal.UNKNOWN_REFERENCE, "There is no such source.")
    return number


async def _recipients(
    unit: LookupUnit, lists: Lists, digests: bytes, owners: Sequence[int], consulted: Consulted
) -> dict[int, Facts]:
    """What is known of each item of which anything is."""
    blocking = await find_entries(unit, lists, digests)
    consented = await find_consents(unit, lists, digests)
    entries = _by_item(digests, owners, blocking)
    consents = _by_item(digests, owners, consented)
    for index in _blocked_elsewhere(digests, owners, blocking.keys(), consented.keys()):
        consents.pop(index, None)
    relationships = _by_item(digests, owners, await find_relationships(unit, lists, digests))
    return {
        index: Facts(
            lists.profile,
            tuple(entries.get(index, ())),
            consents=tuple(consents.get(index, ())),
            relationships=tuple(relationships.get(index, ())),
            registers=consulted.of(index),
        )
        for index in entries.keys() | consents.keys() | relationships.keys() | consulted.special.keys()
    }


def _blocked_elsewhere(
    digests: bytes, owners: Sequence[int], blocking: Collection[UUID], consented: Collection[UUID]
) -> set[int]:
    """The items that an entry reaches under a spelling for which there is no consent. A consent given for one
    identifier says nothing of another: whoever was asked about beside it may be somebody else."""
    if not consented:
        return set()
    bare = {fingerprint.bytes for fingerprint in blocking} - {fingerprint.bytes for fingerprint in consented}
    return {owner for place, owner in enumerate(owners) if digests[place * 16 : place * 16 + 16] in bare}


def _by_item(digests: bytes, owners: Sequence[int], hits: Mapping[UUID, Sequence[T]]) -> dict[int, list[T]]:
    """The facts of each item that has any. Matching is by identifier: one hit among several blocks."""
    found: dict[int, list[T]] = {}
    by_digest = {fingerprint.bytes: facts for fingerprint, facts in hits.items()}
    for place, owner in enumerate(owners) if hits else ():
        facts = by_digest.get(digests[place * 16 : place * 16 + 16])
        if facts:
            found.setdefault(owner, []).extend(facts)
    return found


def _unreadable(
    question: Question, profile: ControllerProfile, asked: Asked, now: datetime
) -> dict[int, Decision]:
    if not asked.unreadable:
        return {}
    decision = decide(question, Facts(profile, readable=False), now)
    return dict.fromkeys(asked.unreadable, decision)
