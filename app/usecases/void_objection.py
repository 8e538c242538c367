"""Voiding a forged objection: two different admins, never the controller alone. Until the second has spoken
the objection is contested, and a contested objection blocks (R11)."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from app.domain.objection import ObjectionState, void_next
from app.domain.parties import ALL_CONTROLLERS
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import EntryWriter
from app.storage.events import Event, record_events
from app.storage.objections import add_objection_state, objection_controllers
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.storage.versions import take_versions
from app.usecases.act import Act
from app.usecases.objection_view import ObjectionView, read_objection
from app.usecases.withdraw_objection import end_objection, locked_objection


async def void_objection(unit: WriteUnit, act: Act, objection_id: UUID, reason: str) -> ObjectionView:
    """The first admin contests, the second voids and releases. An admin is told apart by credential."""
    row = await locked_objection(unit, act, objection_id)
    not_the_controller(act, await objection_controllers(unit, row.id))
    state = void_next(ObjectionState(row.state), row.actor_id, act.who.credential_id)
    await seal(unit, [Plain(act.event_id, row.subject, "void", {"reason": reason})], act.now)
    if state is ObjectionState.VOIDED:
        return await end_objection(unit, act, row, state, "objection.voided")
    await doubt_objection(unit, act, row, state)
    return await read_objection(unit, row.id)


async def doubt_objection(unit: WriteUnit, act: Act, row: Any, state: ObjectionState) -> None:
    """Contest an objection with all its entries, or end that: then each entry is what it was before."""
    numbers = await objection_controllers(unit, row.id)
    versions = await take_versions(unit, numbers, act.event_id, act.now)
    for number in numbers:
        writer = EntryWriter(unit, number, versions[number], act.event_id, act.now)
        ids = [entry.id for entry in await writer.of_objection(row.id)]
        if state is ObjectionState.CONTESTED:
            await writer.change_state(ids, state.value)
        else:
            await writer.state_before(ids)
    await add_objection_state(
        unit,
        objection_id=row.id,
        ordinal=row.ordinal + 1,
        state=state,
        actor_id=act.who.credential_id,
        event_id=act.event_id,
        now=act.now,
    )
    detail = {"state": state.value, "versions": {str(n): v for n, v in versions.items()}}
    kind = "objection.contested" if state is ObjectionState.CONTESTED else "objection.cleared"
    event = Event(act.event_id, act.now, kind, act.caller, row.id, "done", act.request_digest, detail)
    await record_events(unit, [event])


def not_the_controller(act: Act, numbers: Collection[int]) -> None:
    """Whoever comes from a party that an objection is directed at has no say in ending it."""
    own = act.who.holder_no
    if own and (own in numbers or ALL_CONTROLLERS in numbers):
        raise RefusedError(Refusal.ROLE_DENIED, "A controller does not void an objection against itself.")
