"""Erasing what the registry holds about a person, agreed by two admins (GDPR Art. 17).

Three commits, in this order: the second admin's agreement with the tombstones and the list of keys; the keys'
destruction, by another database role; the note that it was done. Whatever breaks off in between, the same
request again goes on from there, and destroys what was agreed on and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.erasure import NOTHING_HELD, ErasureState, Kept, Reach, Step, kept_after, next_step, reach_of
from app.domain.identifier import UnreadableIdentifier
from app.domain.refusals import Refusal, RefusedError
from app.storage.database import Database
from app.storage.erasures import (
    Held,
    Stamp,
    add_erasure,
    add_state,
    add_subjects,
    agreed_on,
    bury,
    held_of,
    newest_erasure,
    request_mark,
    subjects_of,
    with_key,
)
from app.storage.events import Event, record_events
from app.storage.sealed import REGISTRY_SUBJECT, Plain, seal
from app.storage.units import WriteUnit
from app.storage.versions import take_versions
from app.usecases.act import Act
from app.usecases.read_identifiers import (
    GivenIdentifier,
    Readable,
    main_fingerprint,
    read_identifier,
    subject_of,
)

ERASED = "subject.erased"

_GROUPS = {"identifier": "plain_identifiers", "mandate": "mandate_details"}


@dataclass(frozen=True, slots=True)
class ErasureView:
    """What became of a request. `erased` counts what is unreadable, or will be once a second admin agrees."""

    id: UUID | None
    state: str
    requested_at: datetime | None
    erased_at: datetime | None
    subjects: int
    erased: Mapping[str, int | None]
    kept: tuple[Kept, ...]
    event_id: UUID


async def erase_subjects(
    database: Database, unit: WriteUnit, act: Act, given: Sequence[GivenIdentifier], reason: str
) -> ErasureView:
    """Take one admin's request as far as it goes. `unit` keeps the answer; the agreement commits before."""
    read = [_read(act, n, one) for n, one in enumerate(given)]
    fingerprints = unit.instruments.fingerprints
    mark = request_mark(unit, {main_fingerprint(fingerprints, one) for one in read})
    known = await newest_erasure(unit, mark)
    reach = await _reach(unit, read)
    state, first = (ErasureState(known.state), known.actor_id) if known else (None, None)
    step = next_step(state, first, act.who.credential_id, held=bool(reach.subjects))
    if step is Step.REQUEST:
        return await _request(unit, act, mark, reach, reason)
    if known is None:
        await record_events(unit, [_event(act, act.event_id, "subject.nothing_held", None, {})])
        return ErasureView(None, NOTHING_HELD, None, None, 0, {}, kept_after({}), act.event_id)
    if step is Step.REPEAT:
        await record_events(unit, [_event(act, act.event_id, "subject.erasure_repeated", known.id, {})])
        return _view(known.id, known.state, known.requested_at, known.at, known.told, known.event_id)
    if step is Step.APPROVE:
        async with database.write() as agreeing:
            await _approve(agreeing, act, known.id, reach, reason)
    return await _finish(database, unit, act, known)


def _read(act: Act, position: int, given: GivenIdentifier) -> Readable:
    """Every identifier has to be readable: one passed over would be one that is not erased."""
    try:
        return read_identifier(given, act.now.date())
    except UnreadableIdentifier:
        detail = f"/identifiers/{position} cannot be read; nothing was erased."
        raise RefusedError(Refusal.INVALID_IDENTIFIER, detail) from None


async def _reach(unit: WriteUnit, read: Sequence[Readable]) -> Reach:
    fingerprints = unit.instruments.fingerprints
    named = [subject_of(fingerprints, one) for one in read]
    reach = reach_of(named, [await subjects_of(unit, fingerprints.indexed(one)) for one in read])
    return replace(reach, subjects=await with_key(unit, reach.subjects))


async def _request(unit: WriteUnit, act: Act, mark: UUID, reach: Reach, reason: str) -> ErasureView:
    held = await held_of(unit, reach.subjects)
    _admit(act, held)
    erasure_id, told = act.new_id(), _told(reach, held)
    await add_erasure(unit, erasure_id, mark, _stamp(act, act.event_id))
    await _say(unit, act, act.event_id, reason)
    await record_events(unit, [_event(act, act.event_id, "subject.erasure_requested", erasure_id, told)])
    return _view(erasure_id, ErasureState.REQUESTED, act.now, None, told, act.event_id)


async def _approve(unit: WriteUnit, act: Act, erasure_id: UUID, reach: Reach, reason: str) -> None:
    """The lists first: what is written there after this waits, and finds the tombstones."""
    held = await held_of(unit, reach.subjects)
    _admit(act, held)
    event_id = act.new_id()
    versions = await take_versions(unit, held.entries, event_id, act.now)
    held = await held_of(unit, reach.subjects)
    entries = {number: ids for number, ids in held.entries.items() if number in versions}
    await bury(unit, entries, versions, _stamp(act, event_id))
    await add_subjects(unit, erasure_id, reach.subjects)
    await add_state(unit, erasure_id, 2, ErasureState.APPROVED, _stamp(act, event_id))
    await _say(unit, act, event_id, reason)
    told = {**_told(reach, held), "versions": {str(n): v for n, v in versions.items()}}
    await record_events(unit, [_event(act, event_id, "subject.erasure_approved", erasure_id, told)])


async def _finish(database: Database, unit: WriteUnit, act: Act, known: Any) -> ErasureView:
    """Destroy the keys that were agreed on, and say so. A key made since is not among them."""
    agreed = await agreed_on(unit, known.id)
    async with database.shred() as shredder:
        destroyed = await shredder.destroy(agreed.subjects, agreed.at)
    told = {**agreed.told, "keys": destroyed}
    await add_state(unit, known.id, 3, ErasureState.ERASED, _stamp(act, act.event_id))
    await record_events(unit, [_event(act, act.event_id, ERASED, known.id, told)])
    return _view(known.id, ErasureState.ERASED, known.requested_at, act.now, told, act.event_id)


def _admit(act: Act, held: Held) -> None:
    """An admin of a party at which the person's entries stand has no say in what remains of the proof."""
    if act.who.holder_no and act.who.holder_no in held.entries:
        raise RefusedError(Refusal.ROLE_DENIED, "A controller does not erase what stands against itself.")


def _stamp(act: Act, event_id: UUID) -> Stamp:
    return Stamp(event_id, act.who.credential_id, act.now)


async def _say(unit: WriteUnit, act: Act, event_id: UUID, reason: str) -> None:
    """The reason is the registry's own: it has to be readable when nothing of the person is."""
    await seal(unit, [Plain(event_id, REGISTRY_SUBJECT, "erasure", {"reason": reason})], act.now)


def _told(reach: Reach, held: Held) -> dict[str, Any]:
    """What the event says: counts only."""
    kept = {
        "entries": sum(map(len, held.entries.values())),
        "objections": held.objections,
        "mandates": held.mandates,
        "consents": held.consents,
        "relationships": held.relationships,
        "other_people": reach.shared,
    }
    return {"subjects": len(reach.subjects), "sealed": dict(held.kinds), "kept": kept}


def _event(act: Act, event_id: UUID, kind: str, erasure_id: UUID | None, told: Mapping[str, Any]) -> Event:
    return Event(event_id, act.now, kind, act.caller, erasure_id, "done", act.request_digest, told)


def _view(
    erasure_id: UUID,
    state: str,
    requested_at: datetime,
    erased_at: datetime | None,
    told: Mapping[str, Any],
    event_id: UUID,
) -> ErasureView:
    erased: dict[str, int | None] = {}
    for kind, count in sorted(told["sealed"].items()):
        group = _GROUPS.get(kind, "statements")
        erased[group] = (erased.get(group) or 0) + count
    erased["stored_answers"] = None
    kept = kept_after(told["kept"])
    return ErasureView(
        erasure_id, str(state), requested_at, erased_at, told["subjects"], erased, kept, event_id
    )
