"""Weighing a general objection (GDPR Art. 21(1)): the controller upholds it, or rejects it with reasons.

Until then it stops what rests on interests (Art. 18(1)(d)). One to direct marketing is never weighed."""

from uuid import UUID

from app.domain.entry import EntryKind
from app.domain.objection import IN_FORCE, ObjectionState
from app.domain.parties import entitled
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import EntryWriter
from app.storage.events import Event, record_events
from app.storage.objections import add_assessment, objection_controllers
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.storage.versions import take_versions
from app.usecases.act import Act
from app.usecases.objection_view import ObjectionView, read_objection
from app.usecases.withdraw_objection import locked_objection


async def assess_objection(
    unit: WriteUnit, act: Act, objection_id: UUID, outcome: str, reasons: str
) -> ObjectionView:
    """The newest weighing counts. NOT_FOUND for another's objection, STATE_CONFLICT for one that is not in
    force, is contested, or has nothing to weigh at this controller."""
    row = await locked_objection(unit, act, objection_id)
    number = entitled(act.who, act.who.party_id)
    if number not in await objection_controllers(unit, objection_id):
        raise RefusedError(Refusal.NOT_FOUND)
    state = ObjectionState(row.state)
    if state not in IN_FORCE or state is ObjectionState.CONTESTED:
        raise RefusedError(Refusal.STATE_CONFLICT, "The objection is not in force, or contested.")
    version = (await take_versions(unit, [number], act.event_id, act.now))[number]
    writer = EntryWriter(unit, number, version, act.event_id, act.now)
    entries = await writer.of_objection(objection_id)
    weighed = [one.id for one in entries if one.kind == EntryKind.OBJECTION_GENERAL and not one.released_at]
    if not weighed:
        raise RefusedError(Refusal.STATE_CONFLICT, "An objection to direct marketing is not weighed.")
    await writer.change_state(weighed, outcome)
    stamp = {"version": version, "event_id": act.event_id, "at": act.now}
    weighing = {"controller_no": number, "objection_id": objection_id, "outcome": outcome}
    await add_assessment(unit, {**weighing, **stamp})
    await seal(unit, [Plain(act.event_id, row.subject, "assessment", {"reasons": reasons})], act.now)
    detail = {"state": outcome, "versions": {str(number): version}}
    kind = "objection.assessed"
    event = Event(act.event_id, act.now, kind, act.caller, objection_id, "done", act.request_digest, detail)
    await record_events(unit, [event])
    return await read_objection(unit, objection_id)
