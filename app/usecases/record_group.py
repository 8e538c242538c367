"""Many acts of intake that wait at the same time, in one transaction.

Each act keeps its own event, caller, digest, key, answer, receipt and version: what is shared is the
statements and the commit. An act for which a group is the wrong place is left out, whole and untouched, and
runs by itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from app.domain.refusals import RefusedError
from app.storage.answers import new_keys
from app.storage.events import Event, record_events
from app.storage.units import WriteUnit
from app.storage.versions import lock_lists, try_lists
from app.usecases.group_entries import OwnEntry, prepare_entries, record_entry_group
from app.usecases.group_facts import OwnFact, prepare_facts, record_fact_group
from app.usecases.group_objections import prepare_objections, record_objection_group
from app.usecases.objection_drafts import ObjectionCommand
from app.usecases.record_objection import aside
from app.usecases.repeat_act import StoredAnswer, keep_answers, kept_answer
from app.usecases.waiting_acts import Family, Left, Outcome, Prepared, Waiting

FAMILIES: Final[Mapping[type, Family]] = {
    ObjectionCommand: Family(prepare_objections, record_objection_group),
    OwnEntry: Family(prepare_entries, record_entry_group),
    OwnFact: Family(prepare_facts, record_fact_group),
}


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
