"""Ending an entry on evidence: the person's own wish, or proof that the identifier is somebody else's now.

An entry that rests on an objection is bound to the person: it ends by withdrawal or voiding. Only an admin
releases one, and only on proof that the number changed hands; a port to another operator is no such proof.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.domain.parties import Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import EntryWriter
from app.storage.events import Event, record_events
from app.storage.sealed import Plain, seal, subject_of_sealed
from app.storage.units import WriteUnit
from app.storage.versions import lock_lists, take_versions
from app.usecases.act import Act
from app.usecases.entry_view import entry_views, find_entry, reachable_list
from app.usecases.record_entry import RecordedEntry

CHANGED_HANDS = frozenset({"operator", "eid", "person"})
"""What shows that an identifier is somebody else's: the operator's word, or the new holder's own."""


async def release_entry(
    unit: WriteUnit, act: Act, entry_id: UUID, reason: str, evidence: Mapping[str, Any] | None
) -> RecordedEntry:
    """Release one entry. Whoever comes second gets STATE_CONFLICT; the entry itself stays."""
    number = await reachable_list(unit, act.who, entry_id)
    await lock_lists(unit, [number])
    row = await find_entry(unit, number, entry_id)
    if evidence is None:
        raise RefusedError(Refusal.EVIDENCE_REQUIRED)
    if row.objection_id is not None:
        _admit_person_bound(act, evidence, number)
    if row.released_at is not None:
        raise RefusedError(Refusal.STATE_CONFLICT, "The entry has been released already.")
    version = (await take_versions(unit, [number], act.event_id, act.now))[number]
    writer = EntryWriter(unit, number, version, act.event_id, act.now)
    await writer.release([entry_id], "evidence")
    subject = await subject_of_sealed(unit, row.sealed_id)
    said = {"reason": reason, "evidence": dict(evidence)}
    await seal(unit, [Plain(act.event_id, subject, "release", said)], act.now)
    detail = {"method": evidence.get("method"), "version": version}
    event = Event(
        act.event_id, act.now, "entry.released", act.caller, entry_id, "done", act.request_digest, detail
    )
    await record_events(unit, [event])
    view = (await entry_views(unit, [await find_entry(unit, number, entry_id)]))[0]
    return RecordedEntry(view, (), subject, duplicate=False, version=row.version)


def _admit_person_bound(act: Act, evidence: Mapping[str, Any], number: int) -> None:
    if act.who.role is not Role.ADMIN or (number and act.who.holder_no == number):
        raise RefusedError(
            Refusal.ROLE_DENIED, "An entry of an objection ends with the objection, not by its controller."
        )
    if evidence.get("method") not in CHANGED_HANDS:
        raise RefusedError(Refusal.EVIDENCE_REQUIRED)
