"""Taking an objection back: by the person, or by an agent whose mandate has that very right.

The objection and its entries stay; a release row ends each of them. The proof must be as strong as it was
for the objection (GDPR Art. 12(6), 21).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.domain.mandate import admit_act
from app.domain.objection import IN_FORCE, ObjectionState, Origin, admit_withdrawal
from app.domain.parties import Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import EntryWriter
from app.storage.events import Event, record_events
from app.storage.mandates import load_mandates
from app.storage.objections import add_objection_state, objection_controllers, objection_row
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.storage.versions import lock_lists, take_versions
from app.usecases.act import Act
from app.usecases.objection_view import ObjectionView, may_see, read_objection


async def withdraw_objection(
    unit: WriteUnit, act: Act, objection_id: UUID, evidence: Mapping[str, Any] | None
) -> ObjectionView:
    """Withdraw, and release every entry that rests on this objection, in all its lists at once."""
    row = await locked_objection(unit, act, objection_id)
    await _admit(unit, act, row)
    if evidence is None:
        raise RefusedError(Refusal.EVIDENCE_REQUIRED)
    said = Plain(act.event_id, row.subject, "withdrawal", dict(evidence))
    await seal(unit, [said], act.now)
    return await end_objection(unit, act, row, ObjectionState.WITHDRAWN, "objection.withdrawn")


async def locked_objection(unit: WriteUnit, act: Act, objection_id: UUID) -> Any:
    """The objection, its lists held until the commit, read anew after the lock. NOT_FOUND for another's."""
    row = await objection_row(unit, objection_id)
    if row is None or not may_see(act, row):
        raise RefusedError(Refusal.NOT_FOUND)
    await lock_lists(unit, await objection_controllers(unit, objection_id))
    return await objection_row(unit, objection_id)


async def _admit(unit: WriteUnit, act: Act, row: Any) -> None:
    if act.who.role is Role.AGENT:
        mandate = (await load_mandates(unit, [row.mandate_id])).get(row.mandate_id)
        live = admit_act(mandate, act.who.party_id, act.now, suspended=act.who.suspended)
        admit_withdrawal(live, ObjectionState(row.state))
        return
    if row.origin != Origin.SELF:
        raise RefusedError(Refusal.ROLE_DENIED, "An agent's objection is withdrawn by the agent.")
    if ObjectionState(row.state) not in IN_FORCE:
        raise RefusedError(Refusal.STATE_CONFLICT, "The objection is not in force.")


async def end_objection(
    unit: WriteUnit, act: Act, row: Any, state: ObjectionState, event_kind: str
) -> ObjectionView:
    """The state after which an objection's entries no longer block, with a release for each of them."""
    numbers = await objection_controllers(unit, row.id)
    versions = await take_versions(unit, numbers, act.event_id, act.now)
    for number in numbers:
        writer = EntryWriter(unit, number, versions[number], act.event_id, act.now)
        ids = [entry.id for entry in await writer.of_objection(row.id)]
        await writer.release(ids, state.value)
    await add_objection_state(
        unit,
        objection_id=row.id,
        ordinal=row.ordinal + 1,
        state=state,
        actor_id=act.caller.credential_id if act.caller else None,
        event_id=act.event_id,
        now=act.now,
    )
    detail = {"state": state.value, "versions": {str(n): v for n, v in versions.items()}}
    event = Event(act.event_id, act.now, event_kind, act.caller, row.id, "done", act.request_digest, detail)
    await record_events(unit, [event])
    return await read_objection(unit, row.id)
