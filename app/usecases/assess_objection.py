"""Weighing a general objection (GDPR Art. 21(1)): the controller upholds it, or rejects it with reasons.

Until then it stops what rests on interests (Art. 18(1)(d)). One to direct marketing is never weighed. One to
all controllers is weighed by each for itself: its grounds say nothing about anybody else's processing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.domain.entry import EntryKind
from app.domain.objection import IN_FORCE, ObjectionState
from app.domain.parties import ALL_CONTROLLERS, entitled
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import Entries, EntryWriter
from app.storage.events import Event, record_events
from app.storage.objections import add_assessment, objection_controllers, objection_row
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.storage.versions import AsOf, lock_lists, take_versions
from app.usecases.act import Act
from app.usecases.objection_view import ObjectionView, read_objection


async def assess_objection(
    unit: WriteUnit, act: Act, objection_id: UUID, outcome: str, reasons: str
) -> ObjectionView:
    """The newest weighing counts. NOT_FOUND for an objection at others, STATE_CONFLICT for one that is not in
    force, is contested, or has nothing to weigh at this controller."""
    number = entitled(act.who, act.who.party_id)
    row, home = await _addressed(unit, number, objection_id)
    version = (await take_versions(unit, [number], act.event_id, act.now))[number]
    weighed = await _to_weigh(unit, home, row)
    if home == number:
        writer = EntryWriter(unit, number, version, act.event_id, act.now)
        await writer.change_state(weighed, outcome)
    stamp = {"version": version, "event_id": act.event_id, "at": act.now}
    weighing = {"controller_no": number, "objection_id": objection_id, "outcome": outcome}
    await add_assessment(unit, {**weighing, **stamp})
    await seal(unit, [Plain(act.event_id, row.subject, "assessment", {"reasons": reasons})], act.now)
    detail = {"state": outcome, "versions": {str(number): version}}
    kind = "objection.assessed"
    event = Event(act.event_id, act.now, kind, act.caller, objection_id, "done", act.request_digest, detail)
    await record_events(unit, [event])
    return _told(await read_objection(unit, objection_id), act, row, AsOf.after_write(number, version))


async def _addressed(unit: WriteUnit, number: int, objection_id: UUID) -> tuple[Any, int]:
    """The objection, and the list in which its entries stand: the controller's own, or everybody's."""
    await lock_lists(unit, [number, ALL_CONTROLLERS])
    row = await objection_row(unit, objection_id)
    reached = await objection_controllers(unit, objection_id) if row else []
    home = next((one for one in (number, ALL_CONTROLLERS) if one in reached), None)
    if row is None or home is None:
        raise RefusedError(Refusal.NOT_FOUND)
    state = ObjectionState(row.state)
    if state not in IN_FORCE or state is ObjectionState.CONTESTED:
        raise RefusedError(Refusal.STATE_CONFLICT, "The objection is not in force, or contested.")
    return row, home


async def _to_weigh(unit: WriteUnit, home: int, row: Any) -> Sequence[UUID]:
    entries = await Entries(unit, home).of_objection(row.id)
    weighed = [one.id for one in entries if one.kind == EntryKind.OBJECTION_GENERAL and not one.released_at]
    if not weighed:
        raise RefusedError(Refusal.STATE_CONFLICT, "An objection to direct marketing is not weighed.")
    return weighed


def _told(view: ObjectionView, act: Act, row: Any, reached: AsOf) -> ObjectionView:
    """What the controller is told of the objection: all of its own, and of one that others posted nothing but
    what it stands for here. Its position is that of the controller's own list."""
    here = [one for one in view.controllers if one.controller_id in {None, act.who.party_id}]
    lists = tuple(replace(one, as_of=AsOf(reached.controller, one.as_of.everybody)) for one in here)
    if row.party_id == act.who.party_id:
        others = tuple(one for one in view.controllers if one not in here)
        return replace(view, controllers=(*lists, *others))
    return replace(view, controllers=lists, identifiers=(), mandate_id=None, refused=(), receipt=None)
