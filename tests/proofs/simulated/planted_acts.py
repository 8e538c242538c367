"""Mistakes that could be made where acts are written together, repeated, put in order, and judged.

A mistake that another guard makes harmless is not among them: taking no lock for a version, say, is stopped
by the unique key of the versions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.api import acts, gathering
from app.api.acts import Acts
from app.api.gathering import Gathering
from app.crypto.notes import Checkpoint
from app.domain import decision
from app.domain.decision import Decision
from app.domain.merkle import Frontier
from app.domain.refusals import UnavailableError
from app.domain.rules import RULES
from app.storage import answers, versions
from app.storage.journal import try_lock
from app.usecases import record_group, sequence_events
from app.usecases.read_journal import journal_name
from app.usecases.repeat_act import RepeatKey
from app.usecases.sequence_events import Sequencer
from app.usecases.waiting_acts import Left

_SETTLE = Gathering._settle
_KEY = Acts._key
_APPEND = Frontier.append
_LEAF = sequence_events._leaf
_KEPT = answers._kept_key


async def _nothing(*_: Any, **__: Any) -> None:
    return None


async def _group(self: Any, unit: Any, group: Sequence[Any], *, patient: bool) -> Any:
    waiting = [one.waiting for one in group]
    return await record_group.record_group(unit, waiting, patient=patient, busy=frozenset(self._busy))


async def _answers_early(self: Any, group: Sequence[Any], *, patient: bool) -> None:
    try:
        async with self._database.write() as unit:
            self._settle(group, await _group(self, unit, group, patient=patient))
    except UnavailableError:
        for place in group:
            place.fail()


async def _answers_what_was_lost(self: Any, group: Sequence[Any], *, patient: bool) -> Any:
    outcomes = None
    try:
        async with self._database.write() as unit:
            outcomes = await _group(self, unit, group, patient=patient)
    except UnavailableError:
        if outcomes is None:
            raise
    return outcomes


async def _forgets_who_waits(self: Any, group: Sequence[Any], *, patient: bool) -> Any:
    async with self._database.write() as unit:
        waiting = [one.waiting for one in group]
        return await record_group.record_group(unit, waiting, patient=patient)


def _drops_who_is_held(self: Any, group: Any, outcomes: Any) -> None:
    kept = [pair for pair in zip(group, outcomes, strict=True) if pair[1].said is not Left.HELD]
    _SETTLE(self, [one for one, _ in kept], [each for _, each in kept])


def _lets_others_pass(unit: Any, ready: Mapping[Any, Any]) -> dict[Any, Any]:
    return {one: each for one, each in ready.items() if not each.numbers <= unit.held}


async def _locks_in_any_order(unit: Any, controllers: Any) -> None:
    backwards = unit.database.loop.chance.random() < 0.5
    for number in sorted(set(controllers), reverse=backwards):
        await unit.rows(versions._LOCK, {"numbers": [number]})
        unit.held.add(number)


def _short_key(unit: Any, key: str) -> str:
    return _KEPT(unit, key[:5])


def _no_digest(self: Any, *, required: bool) -> RepeatKey | None:
    key = _KEY(self, required=required)
    return replace(key, digest=b"") if key else None


async def _keeps_a_tree_that_was_lost(self: Any) -> Any:
    async with self.database.sequence() as unit:
        if not await try_lock(unit):
            return None
        self.tree = self.tree or await sequence_events._tree(unit, None)
        self.origin = self.origin or await journal_name(unit)
        events = await self._waiting(unit, self.limit)
        if events:
            await sequence_events._append(unit, self.tree, events, (self.key, self.origin))
    return len(events)


async def _never_looks_back(self: Any, *_: Any) -> list[Any]:
    self.after, self.looked_at_all = None, 0.0
    return []


def _backwards(self: Any, leaf_hashes: Any) -> None:
    _APPEND(self, list(leaf_hashes)[::-1])


def _signs_one_less(origin: str, size: int, root: bytes) -> Checkpoint:
    return Checkpoint(origin, size - 1, root)


_told: dict[str, Any] = {}


def _tells_of_the_one_before(unit: Any, pseudonyms: Any, event: Any, written: Any) -> Any:
    leaf, before = _LEAF(unit, pseudonyms, event, written), _told.get("leaf")
    _told["leaf"] = leaf
    return replace(before, event_id=leaf.event_id) if before else leaf


def _without_times(entries: Any, consents: Any, _now: Any) -> Any:
    return tuple(entry.wording for entry in entries), len(consents)


def _kinds_alone(entries: Any, consents: Any, _now: Any) -> Any:
    return tuple(entry.kind for entry in entries), consents


def _cites_itself(self: Decision, _entry: Any) -> Decision:
    return self


_NOT_OBJECTED = tuple(rule for rule in RULES if "objection" not in rule.__name__)

ACTS: Mapping[str, tuple[Any, str, Any]] = {
    "answers before the commit": (Gathering, "_write", _answers_early),
    "answers a commit of which nobody knows": (Gathering, "_committed", _answers_what_was_lost),
    "lets a group pass those who wait for a list": (Gathering, "_committed", _forgets_who_waits),
    "drops who is held": (Gathering, "_settle", _drops_who_is_held),
    "tells nobody that a group failed": (gathering._Place, "fail", lambda _self: None),
    "lets an act pass another of its list": (record_group, "_left_behind", _lets_others_pass),
    "keeps no answers of a group": (record_group, "_keep", _nothing),
    "keeps no answer of an act by itself": (acts, "remember_answer", _nothing),
    "locks lists in any order": (record_group, "lock_lists", _locks_in_any_order),
    "reads a part of a key only": (answers, "_kept_key", _short_key),
    "does not tell requests under a key apart": (Acts, "_key", _no_digest),
}
JOURNAL: Mapping[str, tuple[Any, str, Any]] = {
    "keeps a tree whose commit was lost": (Sequencer, "_append_waiting", _keeps_a_tree_that_was_lost),
    "forgets what it looked for and did not append": (Sequencer, "round", Sequencer._append_waiting),
    "looks for late commits for ten seconds only": (sequence_events, "WIDE", timedelta(seconds=10)),
    "never looks at all events": (Sequencer, "_of_all", _never_looks_back),
    "appends leaves backwards": (Frontier, "append", _backwards),
    "signs another size": (sequence_events, "Checkpoint", _signs_one_less),
    "tells of the event before": (sequence_events, "_leaf", _tells_of_the_one_before),
}
DECISIONS: Mapping[str, tuple[Any, str, Any]] = {
    "takes people for alike whose times differ": (decision, "_told", _without_times),
    "takes people for alike whose entries differ": (decision, "_told", _kinds_alone),
    "cites the entry of somebody else": (Decision, "citing", _cites_itself),
    "leaves a rule out": (decision, "RULES", _NOT_OBJECTED),
}
