"""A new number of the same person: the will stands, and now reaches one more identifier.

A person's new number is not covered until it is added; adding it is a new act, so the mandate must live.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.mandate import Mandate, admit_act
from app.domain.objection import IN_FORCE, ObjectionState, Origin, Scope
from app.domain.parties import ALL_CONTROLLERS, Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import Entries
from app.storage.events import Event
from app.storage.facts import latest_consent
from app.storage.mandates import load_mandates
from app.storage.objections import objection_controllers, objection_identifiers
from app.storage.parties import all_numbers
from app.storage.units import WriteUnit
from app.storage.versions import take_versions
from app.usecases.act import Act
from app.usecases.objection_drafts import ReadOne, read_given
from app.usecases.objection_rows import Ground, Sheet
from app.usecases.objection_view import ObjectionView, SeenIdentifier, read_objection
from app.usecases.read_identifiers import GivenIdentifier
from app.usecases.repeated_wills import repetition
from app.usecases.withdraw_objection import locked_objection


async def _in_force(unit: WriteUnit, numbers: Sequence[int], objection_id: UUID) -> dict[UUID, datetime]:
    """The identifiers of which no entry was released in any list, since when: only those need no new one."""
    entries = [entry for n in numbers for entry in await Entries(unit, n).of_objection(objection_id)]
    released = {entry.fingerprint for entry in entries if entry.released_at}
    return {entry.fingerprint: entry.since for entry in entries if entry.fingerprint not in released}


async def _unsaid(
    unit: WriteUnit, numbers: Sequence[int], row: Any, read: Sequence[ReadOne]
) -> list[ReadOne]:
    """Those that do not stand, each once. What the person says after a consent is a new act, and the newest
    counts; what an agent adds again is a repetition, as in `is_new_act`."""
    since = await _in_force(unit, numbers, row.id)
    lists = await all_numbers(unit) if ALL_CONTROLLERS in numbers else numbers
    unsaid = []
    for fingerprint, one in {one.spellings[0]: one for one in read if one.spellings}.items():
        stands = since.get(fingerprint)
        if stands is not None and row.origin == Origin.SELF:
            consented = await latest_consent(unit, lists, one.spellings)
            stands = stands if consented is None or consented <= stands else None
        if stands is None:
            unsaid.append(one)
    return unsaid


async def add_identifiers(
    unit: WriteUnit, act: Act, objection_id: UUID, given: Sequence[GivenIdentifier]
) -> ObjectionView:
    """Put the will of an objection in force for further identifiers. Those it has already are passed over,
    unless the person says them again after a consent."""
    row = await locked_objection(unit, act, objection_id)
    mandate = await _mandate(unit, act, row)
    if ObjectionState(row.state) not in IN_FORCE:
        raise RefusedError(Refusal.STATE_CONFLICT, "The objection is not in force.")
    known = await objection_identifiers(unit, objection_id)
    numbers = await objection_controllers(unit, objection_id)
    read = read_given(unit, act, given, mandate, everywhere=0 in numbers, first=1 + known[-1].position)
    added = await _unsaid(unit, numbers, row, read)
    versions = await take_versions(unit, numbers, act.event_id, act.now)
    sheet = Sheet()
    entries = Scope(tuple(row.kinds), row.purposes, row.channels, ()).entries()
    ground = Ground(row.id, act.event_id, row.subject, row.channels, row.level, entries, act.now)
    sheet.put(act, ground, added, versions)
    detail = {"added": len(added), "versions": {str(n): v for n, v in versions.items()}}
    kind = "objection.identifiers_added"
    stamp = act.event_id, act.now, kind, act.caller, row.id
    sheet.events.append(Event(*stamp, "done", act.request_digest, detail))
    if row.origin == Origin.SELF and len(added) < len({one.spellings[0] for one in read if one.spellings}):
        sheet.events.append(repetition(act.part(), row.id))
    await sheet.flush(unit, act.now)
    view = await read_objection(unit, objection_id)
    refused = [
        SeenIdentifier(
            one.position,
            one.type,
            accepted=False,
            canonical=None,
            warnings=(),
            proven=False,
            reason=one.reason,
        )
        for one in read
        if one.identifier is None
    ]
    return replace(view, identifiers=(*view.identifiers, *refused))


async def _mandate(unit: WriteUnit, act: Act, row: Any) -> Mandate | None:
    if act.who.role is Role.AGENT:
        found = (await load_mandates(unit, [row.mandate_id])).get(row.mandate_id)
        return admit_act(found, act.who.party_id, act.now, suspended=act.who.suspended)
    if row.origin != Origin.SELF:
        raise RefusedError(Refusal.ROLE_DENIED, "Only the agent adds to an objection under its mandate.")
    return None
