"""What would have been answered at one moment, knowing what was known at another (GDPR Art. 5(2)).

The rows are read as they were known then, and judged by the `decide` that every lookup is judged by. Where it
cannot be told what was known, every way in which it may have been is judged; what is not certain is said so.
The rules are those of the program that runs now; what was answered then stands in the lookup's receipt.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, product
from typing import Any, Final, TypeVar
from uuid import UUID

from app.domain.audited_decision import Conclusion, Doubt, conclude
from app.domain.channels import CHANNELS
from app.domain.column import Indices
from app.domain.decision import Decision, decide, registers_asked
from app.domain.facts import ControllerProfile, Facts, Policy, Question
from app.domain.history import MOST_WORLDS, Knowledge, Knows, policy_seen, worlds
from app.domain.parties import ALL_CONTROLLERS, PartyKind
from app.domain.past_registers import SnapshotPast, in_use
from app.domain.purposes import PURPOSES
from app.domain.refusals import Refusal, RefusedError
from app.domain.register_list import CHARITIES
from app.storage.entries import Entries, list_of
from app.storage.events import Event
from app.storage.histories import History, history_of, proven_times
from app.storage.lookups import Lists, open_lists, source_number
from app.storage.parties import find_holders
from app.storage.past_registers import hits_in, snapshots_ever
from app.storage.registers import RegisterAnswer
from app.storage.sealed import unseal
from app.storage.units import ReadUnit, WriteUnit
from app.storage.versions import AsOf
from app.usecases.act import Act
from app.usecases.asked_identifiers import Asked, read_asked
from app.usecases.consult_registers import Consulted, UsedSnapshot, what_registers_say
from app.usecases.look_up import Known, judged, unreadable_items
from app.usecases.read_identifiers import given_of
from app.usecases.recipient_places import Places, places_of
from app.usecases.record_readings import record_readings

AUDITED: Final = "decision.audited"
_AHEAD: Final = timedelta(minutes=5)
"""What another clock may be ahead of ours; more than that is a question about what nobody knows yet."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class DecisionQuery:
    """A question of an auditor. `identifier` is an item of a lookup; `as_of` the position that an answer
    named, which then says what was known of the lists."""

    controller_id: UUID
    question: Question
    identifier: Any
    at: datetime
    known_at: datetime
    region: str | None = None
    source_id: UUID | None = None
    as_of: AsOf | None = None


@dataclass(frozen=True, slots=True)
class AuditedDecision:
    """What is concluded, and what it rests on: the policy and the lists of registers that the rows tell."""

    conclusion: Conclusion
    doubts: tuple[Doubt, ...]
    policy: Policy | None
    registers: tuple[UsedSnapshot, ...]
    event_id: UUID


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was read for one question."""

    query: DecisionQuery
    asked: Asked
    digests: bytes
    owners: Indices
    places: Places
    profile: ControllerProfile
    history: History
    knowledge: Knowledge
    snapshots: Mapping[str, Sequence[SnapshotPast]]
    hits: Mapping[int, Mapping[UUID, int]]


@dataclass(frozen=True, slots=True)
class _Way:
    """One way in which it may have been, with the answer to it."""

    decision: Decision | None
    policy: Policy | None
    registers: tuple[UsedSnapshot, ...] = ()


async def audit_decision(unit: WriteUnit, act: Act, query: DecisionQuery) -> AuditedDecision:
    """Answer one question, and journal that it was asked, without the identifier. RefusedError
    UNKNOWN_REFERENCE, INVALID_TIME."""
    if query.known_at > act.now + _AHEAD:
        raise RefusedError(Refusal.INVALID_TIME, "known_at lies in the future: nobody knows yet.")
    read = await _read(unit, act, query)
    knows = worlds(read.knowledge, read.history.rows())
    ways = [way for one in knows for way in _ways(read, one)]
    if len(ways) > MOST_WORLDS:
        ways = []
    conclusion = conclude([way.decision for way in ways])
    shown = next((way for way in ways if way.decision), _Way(None, None))
    doubts = () if conclusion.certain and conclusion.shown else _doubts(read, len(knows), ways, conclusion)
    await _journal(unit, act, query, conclusion)
    return AuditedDecision(conclusion, doubts, shown.policy, shown.registers, act.event_id)


async def identifier_behind(unit: ReadUnit, controller_id: UUID, entry_id: UUID) -> Any:
    """The identifier of an entry that a lookup of this controller cites, as an item of a lookup. RefusedError
    NOT_FOUND; STATE_CONFLICT when the person has been erased."""
    holders = await find_holders(unit, PartyKind.CONTROLLER, [controller_id])
    numbers = [ALL_CONTROLLERS, *(holder.controller_no for holder in holders)]
    number = await list_of(unit, numbers, entry_id)
    row = None if number is None else await Entries(unit, number).find(entry_id)
    if not holders or row is None:
        raise RefusedError(Refusal.NOT_FOUND)
    plain = (await unseal(unit, [row.sealed_id])).get(row.sealed_id)
    if plain is None:
        raise RefusedError(Refusal.STATE_CONFLICT, "The person was erased: ask with the identifier.")
    given = given_of(plain)
    told = {"value": given.value, "sha256": given.sha256, "region": given.region}
    return {"type": given.type, **{name: said for name, said in told.items() if said is not None}}


async def _read(unit: ReadUnit, act: Act, query: DecisionQuery) -> _Asked:
    lists = await _lists(unit, query)
    asked = read_asked([query.identifier], query.question.channel, query.region, query.at.date())
    # Also the hash of each value: an entry that came as a hash is asked for like any other.
    digests, owners = asked.digests(unit.instruments.fingerprints, hashed_too=True)
    history = await history_of(unit, lists, digests)
    codes = {code for one in history.policies for code in one.policy.registers}
    snapshots = await snapshots_ever(unit, codes)
    there = [one for pasts in snapshots.values() for one in pasts if one.dropped_at is None]
    return _Asked(
        query,
        asked,
        digests,
        owners,
        places_of(query.question, asked, [query.identifier], query.region),
        lists.profile,
        history,
        await _knowledge(unit, act, query, lists, history, snapshots),
        snapshots,
        await hits_in(unit, there, digests),
    )


async def _lists(unit: ReadUnit, query: DecisionQuery) -> Lists:
    holders = await find_holders(unit, PartyKind.CONTROLLER, [query.controller_id])
    if not holders:
        raise RefusedError(Refusal.UNKNOWN_REFERENCE, "There is no such controller.")
    source_no = None
    if query.source_id is not None:
        source_no = await source_number(unit, query.source_id)
        if source_no is None:
            raise RefusedError(Refusal.UNKNOWN_REFERENCE, "There is no such source.")
    return await open_lists(unit, holders[0].controller_no, source_no)


async def _knowledge(
    unit: ReadUnit,
    act: Act,
    query: DecisionQuery,
    lists: Lists,
    history: History,
    snapshots: Mapping[str, Sequence[SnapshotPast]],
) -> Knowledge:
    named = query.as_of
    positions = {lists.controller_no: named.controller, ALL_CONTROLLERS: named.everybody} if named else {}
    by = min(query.known_at, act.now)
    bare = Knowledge(by, act.now, positions, {})
    doubted = {row.event_id for row in history.rows() if bare.has(row) is None}
    doubted |= {one.event_id for pasts in snapshots.values() for one in pasts if one.begun <= by}
    return replace(bare, proven=await proven_times(unit, doubted))


def _ways(read: _Asked, knows: Knows) -> list[_Way]:
    """The answers by what was known of the lists, one for each way in which the registers may have been."""
    query = read.query
    policy = policy_seen(read.history.policies, query.at, knows)
    if policy is None:
        return [_Way(None, None)]
    profile = replace(read.profile, policy=policy)
    codes = registers_asked(query.question, profile, query.at)
    choices = [_answers(read, code) for code in codes if code in read.snapshots]
    ways = []
    for chosen in islice(product(*choices), MOST_WORLDS + 1):
        said = {one[0]: one[1] for one in chosen if one is not None}
        consulted = (
            what_registers_say(said, read.asked, read.digests, read.owners) if said else Consulted((), {})
        )
        ways.append(_Way(_decision(read, profile, knows, consulted), policy, consulted.used))
    return ways


def _answers(read: _Asked, code: str) -> list[tuple[str, RegisterAnswer] | None]:
    """What a register may have said; of a list whose lines are gone, everything that it could say."""
    found: list[tuple[str, RegisterAnswer] | None] = []
    for one in in_use(read.snapshots[code], read.query.at, read.knowledge):
        if one is None:
            found.append(None)
            continue
        held = [read.hits[one.number]] if one.dropped_at is None else _anything(read.digests)
        types = frozenset(one.types)
        found += [(code, RegisterAnswer(one.id, one.version_date, types, hits)) for hits in held]
    return found


def _anything(digests: bytes) -> list[dict[UUID, int]]:
    everything = [UUID(bytes=digests[n : n + 16]) for n in range(0, len(digests), 16)]
    return [{}, dict.fromkeys(everything, 0), dict.fromkeys(everything, CHARITIES)]


def _decision(read: _Asked, profile: ControllerProfile, knows: Knows, consulted: Consulted) -> Decision:
    query, history = read.query, read.history
    known = Known(
        _seen(history.entries, lambda past: past.seen(query.at, knows)),
        _seen(history.consents, lambda past: past.seen(query.at, knows)),
        _seen(history.relationships, lambda past: past.seen(query.at, knows)),
        consulted,
        read.places,
    )
    special = judged(query.question, profile, known, (read.digests, read.owners), query.at)
    special |= unreadable_items(query.question, profile, read.asked, query.at)
    if 0 in special:
        return special[0]
    usual = Facts(profile, registers=consulted.usual, place=read.places.usual)
    return decide(query.question, usual, query.at)


def _seen(pasts: Mapping[UUID, Sequence[Any]], see: Callable[[Any], T | None]) -> dict[UUID, Sequence[T]]:
    found = {
        fingerprint: [fact for fact in map(see, of_it) if fact is not None]
        for fingerprint, of_it in pasts.items()
    }
    return {fingerprint: facts for fingerprint, facts in found.items() if facts}


def _doubts(read: _Asked, count: int, ways: Sequence[_Way], conclusion: Conclusion) -> tuple[Doubt, ...]:
    dropped = any(one.dropped_at is not None for pasts in read.snapshots.values() for one in pasts)
    found = {
        Doubt.CONTROLLER_NOT_REGISTERED: conclusion.possible == (None,),
        Doubt.REGISTER_LIST_DROPPED: dropped and any(way.registers for way in ways),
        Doubt.COMMIT_TIME: count != 1 and conclusion.possible != (None,),
    }
    return tuple(doubt for doubt, there in found.items() if there) or (Doubt.COMMIT_TIME,)


async def _journal(unit: WriteUnit, act: Act, query: DecisionQuery, conclusion: Conclusion) -> None:
    """Who asked what for, about which controller; never about whom (GDPR Art. 5(1)(c))."""
    question = query.question
    detail = {
        "channel": question.channel if question.channel in CHANNELS else None,
        "purpose": question.purpose if question.purpose in PURPOSES else None,
    }
    detail |= {"at": query.at.isoformat(), "known_at": query.known_at.isoformat()}
    detail["said"] = conclusion.said.value
    event = Event(act.event_id, act.now, AUDITED, act.caller, query.controller_id, detail=detail)
    await record_readings(unit, act, [event])
