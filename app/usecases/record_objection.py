"""Recording objections: one act of will each, in force from the moment of its receipt (GDPR Art. 21(3)).

A single one is a batch of one. All that can be refused is refused before anything is written; then the whole
batch is written with one statement per table, in one transaction.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from app.domain.channels import channel_codes
from app.domain.objection import ObjectionState, Origin, initial_state
from app.domain.parties import ALL_CONTROLLERS
from app.domain.purposes import purpose_codes
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.sealed import Plain
from app.storage.units import WriteUnit
from app.storage.versions import AsOf, take_versions_each
from app.usecases.act import Act
from app.usecases.objection_drafts import Draft, ObjectionCommand, Surroundings, judge, load_surroundings
from app.usecases.objection_rows import Ground, Sheet
from app.usecases.objection_view import AddressedList, ObjectionView, SeenIdentifier, read_objections
from app.usecases.repeated_wills import is_new_act, repetition, standing_objections
from app.usecases.sign_receipt import rfc3339, sign_objection_receipt

Outcome = ObjectionView | RefusedError

T = TypeVar("T")

MANY = 100
"""From so many objections on, reading and signing them leaves the event loop to others."""

_AT_ONCE = 500


async def aside(count: int, work: Callable[[], T]) -> T:
    """Do what takes long for many in a thread."""
    return work() if count < MANY else await asyncio.to_thread(work)


@dataclass(frozen=True, slots=True)
class Posted:
    """An objection that may be recorded, the act that it is (its event is its own), and the event under which
    its lists get their next versions: a batch has one for all."""

    act: Act
    draft: Draft
    version_event: UUID


async def record_objection(unit: WriteUnit, act: Act, command: ObjectionCommand) -> ObjectionView:
    """One objection. Raises RefusedError."""
    around = await load_surroundings(unit, [command])
    draft = judge(unit, act, command, around)
    return (await record_posted(unit, [Posted(act, draft, act.event_id)]))[0]


async def record_objections(
    unit: WriteUnit, act: Act, commands: Sequence[ObjectionCommand], *, abort: bool = False
) -> list[Outcome]:
    """The outcome of each, in order. With `abort` the first refusal refuses the whole batch."""
    around = await load_surroundings(unit, commands)
    judged = await aside(len(commands), lambda: [_judged(unit, act, command, around) for command in commands])
    refused = [one for one in judged if isinstance(one, RefusedError)]
    if abort and refused:
        raise RefusedError(Refusal.BATCH_ABORTED)
    drafts = [one for one in judged if isinstance(one, Draft)]
    posted = await aside(len(drafts), lambda: [Posted(act.part(), one, act.event_id) for one in drafts])
    views = iter(await record_posted(unit, posted))
    counts = {"received": len(posted), "refused": len(refused)}
    batch = Event(
        act.event_id, act.now, "objection.batch", act.caller, None, "done", act.request_digest, counts
    )
    await record_events(unit, [batch, *(_refusal(act, one) for one in refused)])
    return [one if isinstance(one, RefusedError) else next(views) for one in judged]


def _judged(
    unit: WriteUnit, act: Act, command: ObjectionCommand, around: Surroundings
) -> Draft | RefusedError:
    try:
        return judge(unit, act, command, around)
    except RefusedError as refused:
        return refused


def _refusal(act: Act, refused: RefusedError) -> Event:
    return Event(act.new_id(), act.now, "objection.received", act.caller, outcome=refused.code.value)


async def record_posted(unit: WriteUnit, posted: Sequence[Posted]) -> list[ObjectionView]:
    """Write what is new, in this order; recognise the same will again, from earlier or among these."""
    if not posted:
        return []
    standing = await standing_objections(unit, [one.draft for one in posted])
    new: dict[UUID, Posted] = {}
    plan: list[tuple[Posted, UUID, bool]] = []
    for n, one in enumerate(posted):
        if n % _AT_ONCE == _AT_ONCE - 1:
            await asyncio.sleep(0)
        known = standing.get(one.draft.will)
        repeated = known is not None and not await is_new_act(unit, one.draft, *known)
        objection_id = known[0] if known and repeated else one.act.new_id()
        if not repeated:
            new[objection_id] = one
            standing[one.draft.will] = (objection_id, one.act.now)
        plan.append((one, objection_id, repeated))
    views = await _write(unit, new)
    earlier = {key for _, key, again in plan if again} - views.keys()
    views |= await read_objections(unit, earlier) if earlier else {}
    repeats = [repetition(one.act, objection_id) for one, objection_id, again in plan if again]
    await record_events(unit, repeats)
    return [_repeated(views[key], one.draft) if again else views[key] for one, key, again in plan]


def _repeated(view: ObjectionView, draft: Draft) -> ObjectionView:
    """The objection that stands, with what became of the parts and identifiers of this request. Those of a
    person who was erased are not said again: the answer is kept."""
    seen = _seen_identifiers(draft)
    if any(one.erased for one in view.identifiers):
        seen = tuple(replace(one, canonical=None, erased=one.accepted) for one in seen)
    return replace(view, duplicate_of=view.id, refused=draft.scope.refused, identifiers=seen)


async def _write(unit: WriteUnit, new: Mapping[UUID, Posted]) -> dict[UUID, ObjectionView]:
    if not new:
        return {}
    wanted = [(n, one.version_event, one.act.now) for one in new.values() for n in one.draft.numbers]
    versions = await take_versions_each(unit, wanted)
    sheet = Sheet()

    def collect() -> dict[UUID, ObjectionView]:
        return {key: _collect(unit, sheet, key, one, versions) for key, one in new.items()}

    views = await aside(len(new), collect)
    await sheet.flush(unit, next(iter(new.values())).act.now)
    return views


def _collect(
    unit: WriteUnit,
    sheet: Sheet,
    objection_id: UUID,
    posted: Posted,
    versions: Mapping[tuple[int, UUID], int],
) -> ObjectionView:
    act, draft = posted.act, posted.draft
    what = objection_id, draft, act.event_id
    ground = Ground(
        objection_id,
        act.event_id,
        draft.subject,
        draft.scope.channels,
        draft.level,
        draft.scope.entries(),
        act.now,
    )
    reached = {number: versions[number, posted.version_event] for number in draft.numbers}
    entry_ids = sheet.put(act, ground, draft.accepted, reached)
    lists = tuple(
        AddressedList(
            None if number == ALL_CONTROLLERS else draft.holders[number],
            tuple(entry_ids[number]),
            AsOf.after_write(number, version),
        )
        for number, version in reached.items()
    )
    view = _view(unit, act, what, lists)
    _objection_rows(sheet, act, draft, view)
    detail = {
        "state": view.state.value,
        "versions": {str(number): version for number, version in reached.items()},
    }
    stamp = act.event_id, act.now, "objection.received", act.caller, objection_id
    sheet.events.append(Event(*stamp, "done", act.request_digest, detail))
    return view


def _view(
    unit: WriteUnit, act: Act, what: tuple[UUID, Draft, UUID], lists: tuple[AddressedList, ...]
) -> ObjectionView:
    objection_id, draft, event_id = what
    state = initial_state(draft.level, draft.minimum_levels)
    return ObjectionView(
        id=objection_id,
        subject=draft.subject,
        state=state,
        origin=Origin.AGENT if draft.mandate else Origin.SELF,
        mandate_id=draft.mandate.id if draft.mandate else None,
        kinds=draft.scope.kinds,
        purposes=draft.scope.purposes,
        channels=draft.scope.channels,
        refused=draft.scope.refused,
        declared_at=draft.command.declared_at,
        instructed_at=draft.command.instructed_at,
        received_at=act.now,
        identifiers=_seen_identifiers(draft),
        controllers=lists,
        event_id=event_id,
        receipt=_receipt(unit, act, what, lists, state),
    )


def _seen_identifiers(draft: Draft) -> tuple[SeenIdentifier, ...]:
    return tuple(
        SeenIdentifier(
            one.position,
            one.type,
            accepted=one.identifier is not None,
            canonical=one.canonical,
            warnings=one.warnings,
            proven=one.proven,
            reason=one.reason,
        )
        for one in draft.identifiers
    )


def _receipt(
    unit: WriteUnit,
    act: Act,
    what: tuple[UUID, Draft, UUID],
    lists: Sequence[AddressedList],
    state: ObjectionState,
) -> str:
    objection_id, draft, event_id = what
    claims = {
        "jti": str(event_id),
        "objection_id": str(objection_id),
        "mandate_id": str(draft.mandate.id) if draft.mandate else None,
        "state": state.value,
        "kinds": list(draft.scope.kinds),
        "purposes": purpose_codes(draft.scope.purposes) or "all",
        "channels": channel_codes(draft.scope.channels) or "all",
        "controllers": "all" if draft.everywhere else [str(one.controller_id) for one in lists],
        "identifiers": len(draft.accepted),
        "received_at": rfc3339(act.now),
        "effective_at": rfc3339(act.now),
        "request_sha256": act.request_digest.hex(),
    }
    return sign_objection_receipt(unit.instruments, act.now, claims)


def _objection_rows(sheet: Sheet, act: Act, draft: Draft, view: ObjectionView) -> None:
    """What the sender wrote in its own words is sealed, and so is the receipt: whoever steals the database
    could search through the digest of the request that it carries until a number fits."""
    command = draft.command
    said = {
        "reference": command.reference,
        "evidence": dict(command.evidence or {}) or None,
        "refused": [[part.part, part.value, part.code.value] for part in view.refused],
        "receipt": view.receipt,
    }
    sheet.sealed.append(Plain(view.id, draft.subject, "objection", said))
    sheet.objections.append(
        {
            "id": view.id,
            "origin": view.origin.value,
            "party_id": act.who.party_id,
            "mandate_id": view.mandate_id,
            "subject": view.subject,
            "kinds": list(view.kinds),
            "purposes": view.purposes,
            "channels": view.channels,
            "level": draft.level,
            "declared_at": view.declared_at,
            "instructed_at": view.instructed_at,
            "received_at": act.now,
            "will": draft.will,
            "event_id": view.event_id,
        }
    )
    sheet.controllers.extend({"objection_id": view.id, "controller_no": number} for number in draft.numbers)
    state = {"objection_id": view.id, "ordinal": 1, "state": view.state.value, "at": act.now}
    sheet.states.append({**state, "actor_id": act.who.party_id, "event_id": view.event_id})
