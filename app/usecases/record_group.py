"""Many acts of intake that wait at the same time, in one transaction.

Each act keeps its own event, caller, digest, key, answer, receipt and version: what is shared is the
statements and the commit. An act for which a group is the wrong place is left out, whole and untouched, and
runs by itself.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple
from uuid import UUID

from app.domain.refusals import RefusedError
from app.storage.answers import new_keys
from app.storage.events import Event, record_events
from app.storage.units import WriteUnit
from app.storage.versions import lock_lists, try_lists
from app.usecases.act import Act
from app.usecases.objection_drafts import ObjectionCommand, judge, load_surroundings
from app.usecases.objection_view import ObjectionView
from app.usecases.record_objection import Posted, aside, record_posted
from app.usecases.repeat_act import RepeatKey, StoredAnswer, keep_answers, kept_answer


class Left(Enum):
    """Why an act is not in its group: it must run by itself, or another writer holds one of its lists."""

    ALONE = "alone"
    HELD = "held"


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """An act that waits. `speak` makes the answer of what was recorded, `refuse` that of a refusal; `kind` is
    what the journal calls it if it is refused."""

    act: Act
    kind: str
    repeat: RepeatKey | None
    command: ObjectionCommand
    speak: Callable[[Any], StoredAnswer]
    refuse: Callable[[RefusedError], StoredAnswer]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an act: its answer, or why it is left, with the lists that it waits for."""

    said: StoredAnswer | Left
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Prepared:
    """An act that may be recorded: the lists that it touches, and the spellings that it speaks of."""

    act: Act
    draft: Any
    numbers: frozenset[int]
    spellings: frozenset[UUID]


class Family(NamedTuple):
    """How acts of a kind are prepared, before any list is locked, and recorded, after. What is recorded has
    the order of what was prepared."""

    prepare: Callable[[WriteUnit, Sequence[Waiting]], Awaitable[list[Prepared | RefusedError]]]
    record: Callable[[WriteUnit, Sequence[Prepared]], Awaitable[Sequence[Any]]]


async def record_group(
    unit: WriteUnit, waiting: Sequence[Waiting], *, patient: bool, busy: frozenset[int] = frozenset()
) -> list[Outcome]:
    """The outcome of each act, in order, to be told after the commit. Who is `patient` waits for the lists;
    otherwise what touches a list that somebody else holds, or a `busy` one, is left."""
    fresh = await _with_new_keys(unit, waiting)
    prepared = await _prepare(unit, fresh)
    ready = _without_mixed(prepared)
    numbers = {number for one in ready.values() for number in one.numbers}
    await (lock_lists(unit, numbers) if patient else try_lists(unit, numbers - busy))
    held = _left_behind(unit, ready)
    views = await _record(unit, {one: each for one, each in ready.items() if one not in held})
    refused = {one: each for one, each in prepared.items() if isinstance(each, RefusedError)}
    answers = await aside(len(waiting), lambda: _answers(views, refused))
    await _journal(unit, refused)
    await _keep(unit, answers)
    outcomes = {one: Outcome(Left.HELD, each.numbers) for one, each in held.items()}
    outcomes |= {one: Outcome(answer) for one, answer in answers.items()}
    return [outcomes.get(one, Outcome(Left.ALONE)) for one in waiting]


async def _with_new_keys(unit: WriteUnit, waiting: Sequence[Waiting]) -> list[Waiting]:
    """Those without a key, and the first of each key that was never used. A repeat is answered by itself: by
    then the first one's answer is there."""
    keyed: dict[tuple[UUID, str], Waiting] = {}
    for one in waiting:
        if one.repeat is not None:
            keyed.setdefault((one.act.who.party_id, one.repeat.key), one)
    new = await new_keys(unit, list(keyed)) if keyed else set()
    first = {id(keyed[key]) for key in new}
    return [one for one in waiting if one.repeat is None or id(one) in first]


async def _prepare(unit: WriteUnit, waiting: Sequence[Waiting]) -> dict[Waiting, Prepared | RefusedError]:
    found: dict[Waiting, Prepared | RefusedError] = {}
    for kind, family in FAMILIES.items():
        mine = [one for one in waiting if type(one.command) is kind]
        if mine:
            found |= zip(mine, await family.prepare(unit, mine), strict=True)
    return {one: found[one] for one in waiting}


def _without_mixed(prepared: Mapping[Waiting, Prepared | RefusedError]) -> dict[Waiting, Prepared]:
    """What may be recorded. Two acts of different kinds about the same spelling are told one after the other:
    whether an opt-out is new depends on a consent that came before it."""
    kinds: dict[UUID, type] = {}
    ready: dict[Waiting, Prepared] = {}
    for one, each in prepared.items():
        if isinstance(each, RefusedError):
            continue
        kind = type(one.command)
        if all(kinds.setdefault(spelling, kind) is kind for spelling in each.spellings):
            ready[one] = each
    return ready


def _left_behind(unit: WriteUnit, ready: Mapping[Waiting, Prepared]) -> dict[Waiting, Prepared]:
    """What touches a list that is not held, and what comes after that in its lists: nobody overtakes."""
    held: dict[Waiting, Prepared] = {}
    behind: set[int] = set()
    for one, each in ready.items():
        if not each.numbers <= unit.held or each.numbers & behind:
            held[one] = each
            behind |= each.numbers
    return held


async def _record(unit: WriteUnit, ready: Mapping[Waiting, Prepared]) -> dict[Waiting, Any]:
    """The views of what was recorded; an act whose family leaves it has none."""
    views: dict[Waiting, Any] = {}
    for kind, family in FAMILIES.items():
        mine = [one for one in ready if type(one.command) is kind]
        if mine:
            views |= zip(mine, await family.record(unit, [ready[one] for one in mine]), strict=True)
    return {one: view for one, view in views.items() if view is not Left.ALONE}


def _answers(
    views: Mapping[Waiting, Any], refused: Mapping[Waiting, RefusedError]
) -> dict[Waiting, StoredAnswer]:
    answers = {one: one.speak(view) for one, view in views.items()}
    return answers | {one: one.refuse(error) for one, error in refused.items()}


async def _journal(unit: WriteUnit, refused: Mapping[Waiting, RefusedError]) -> None:
    events = [
        Event(
            one.act.event_id,
            one.act.now,
            one.kind,
            one.act.caller,
            outcome=error.code.value,
            request_digest=one.act.request_digest or None,
        )
        for one, error in refused.items()
    ]
    await record_events(unit, events)


async def _keep(unit: WriteUnit, answers: Mapping[Waiting, StoredAnswer]) -> None:
    kept = [kept_answer(one.act, one.repeat, said) for one, said in answers.items() if one.repeat]
    if kept:
        await keep_answers(unit, kept, next(iter(answers)).act.now)


async def _prepare_objections(unit: WriteUnit, waiting: Sequence[Waiting]) -> list[Prepared | RefusedError]:
    around = await load_surroundings(unit, [one.command for one in waiting])

    def judged(one: Waiting) -> Prepared | RefusedError:
        try:
            draft = judge(unit, one.act, one.command, around)
        except RefusedError as refused:
            return refused
        spellings = frozenset(each for read in draft.accepted for each in read.spellings)
        return Prepared(one.act, draft, frozenset(draft.numbers), spellings)

    return await aside(len(waiting), lambda: [judged(one) for one in waiting])


async def _record_objections(unit: WriteUnit, prepared: Sequence[Prepared]) -> list[ObjectionView]:
    return await record_posted(unit, [Posted(one.act, one.draft, one.act.event_id) for one in prepared])


FAMILIES: Final[Mapping[type, Family]] = {ObjectionCommand: Family(_prepare_objections, _record_objections)}
