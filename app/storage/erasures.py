"""Erasures: what was asked, how far each is, and the entries that are tombstones since.

Nothing here destroys anything: that is the shredder's, in a transaction of its own (`Database.shred`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.domain.erasure import ErasureState
from app.storage.erasure_tables import ERASURE, ERASURE_STATE, ERASURE_SUBJECT
from app.storage.events import keyed
from app.storage.parties import all_numbers
from app.storage.units import ReadUnit, WriteUnit

_LOCK = text("SELECT pg_advisory_xact_lock(7234, hashtext(:what))")
_NEWEST = text("""
SELECT r.id, s.state, s.ordinal, s.actor_id, s.at, s.event_id, r.at AS requested_at,
       (SELECT e.detail FROM registry.event e WHERE e.id = s.event_id) AS told
FROM registry.erasure r JOIN registry.erasure_state s ON s.erasure_id = r.id
WHERE r.what = :what ORDER BY r.id DESC, s.ordinal DESC LIMIT 1
""")
_APPROVED = text("""
SELECT s.at, (SELECT e.detail FROM registry.event e WHERE e.id = s.event_id) AS told
FROM registry.erasure_state s WHERE s.erasure_id = :id AND s.state = 'approved'
""")
_SUBJECTS = text("SELECT subject FROM registry.erasure_subject WHERE erasure_id = :id")
_SEALED_UNDER = text("""
SELECT DISTINCT subject FROM vault.sealed WHERE fingerprint = ANY(:fingerprints)
""")
_GRANTED_BY = text("""
SELECT DISTINCT m.subject FROM registry.mandate m
WHERE m.id IN (SELECT i.mandate_id FROM registry.mandate_identifier i
               WHERE i.fingerprint = ANY(:fingerprints))
""")
_WITH_KEY = text("SELECT subject FROM vault.subject_key WHERE subject = ANY(:subjects)")
_SEALED = text("SELECT id, fingerprint, kind FROM vault.sealed WHERE subject = ANY(:subjects)")
_ACTS = text("""
SELECT (SELECT count(*) FROM registry.objection o WHERE o.id = ANY(:ids)) AS objections,
       (SELECT count(*) FROM registry.mandate m WHERE m.sealed_id = ANY(:ids)) AS mandates
""")
_ENTRIES = text("""
SELECT DISTINCT e.controller_no, e.id FROM registry.entry_key k
JOIN registry.entry e ON e.controller_no = k.controller_no AND e.id = k.entry_id
WHERE k.controller_no = ANY(:numbers) AND k.fingerprint = ANY(:fingerprints) AND e.sealed_id = ANY(:ids)
""")
_FACTS = text("""
SELECT DISTINCT k.kind, k.fact_id FROM registry.fact_key k
WHERE k.controller_no = ANY(:numbers) AND k.fingerprint = ANY(:fingerprints)
  AND (k.fact_id IN (SELECT c.id FROM registry.consent c
                     WHERE c.controller_no = k.controller_no AND c.sealed_id = ANY(:ids))
       OR k.fact_id IN (SELECT r.id FROM registry.relationship r
                        WHERE r.controller_no = k.controller_no AND r.sealed_id = ANY(:ids)))
""")
_BURY = text("""
INSERT INTO registry.entry_tombstone (controller_no, entry_id, at, version, event_id)
SELECT CAST(:number AS int4), e, :at, :version, :event_id FROM unnest(CAST(:ids AS uuid[])) AS e
ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which event, by which credential, when."""

    event_id: UUID
    actor_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What is sealed under some subjects: sealed rows by kind, and what rests on them."""

    kinds: Mapping[str, int]
    entries: Mapping[int, Sequence[UUID]]
    consents: int
    relationships: int
    objections: int
    mandates: int


def request_mark(unit: ReadUnit, fingerprints: Collection[UUID]) -> UUID:
    """By what two requests about the same identifiers are known to be the same, in any order or spelling."""
    named = " ".join(sorted(map(str, fingerprints)))
    return UUID(bytes=keyed(unit, f"erasure {named}".encode()))


async def newest_erasure(unit: WriteUnit, what: UUID) -> Row[Any] | None:
    """The newest erasure of the very same identifiers with its newest state, held until the commit."""
    await unit.rows(_LOCK, {"what": str(what)})
    return await unit.row(_NEWEST, {"what": what})


async def subjects_of(unit: ReadUnit, fingerprints: Collection[UUID]) -> frozenset[UUID]:
    """Everybody under whom an identifier is sealed, or whose mandate names it."""
    asked = {"fingerprints": list(fingerprints)}
    rows = [*await unit.rows(_SEALED_UNDER, asked), *await unit.rows(_GRANTED_BY, asked)]
    return frozenset(row.subject for row in rows)


async def with_key(unit: ReadUnit, subjects: Collection[UUID]) -> frozenset[UUID]:
    """Those of the subjects of whom something can be read."""
    return frozenset(row.subject for row in await unit.rows(_WITH_KEY, {"subjects": list(subjects)}))


async def held_of(unit: ReadUnit, subjects: Collection[UUID]) -> Held:
    """What the registry holds of these subjects, in every list."""
    sealed = await unit.rows(_SEALED, {"subjects": list(subjects)})
    numbers = await all_numbers(unit)
    await unit.declare(numbers)
    asked = {
        "numbers": numbers,
        "ids": [row.id for row in sealed],
        "fingerprints": list({row.fingerprint for row in sealed if row.fingerprint}),
    }
    entries: dict[int, list[UUID]] = {}
    for row in await unit.rows(_ENTRIES, asked):
        entries.setdefault(row.controller_no, []).append(row.id)
    facts = [row.kind for row in await unit.rows(_FACTS, asked)]
    acts = (await unit.rows(_ACTS, asked))[0]
    kinds: dict[str, int] = {}
    for row in sealed:
        kinds[row.kind] = kinds.get(row.kind, 0) + 1
    return Held(kinds, entries, facts.count(1), facts.count(2), acts.objections, acts.mandates)


async def add_erasure(unit: WriteUnit, erasure_id: UUID, what: UUID, stamp: Stamp) -> None:
    """A request for an erasure, by the first admin."""
    row = {"id": erasure_id, "what": what, "at": stamp.at, "event_id": stamp.event_id}
    await unit.insert(ERASURE, [row])
    await add_state(unit, erasure_id, 1, ErasureState.REQUESTED, stamp)


async def add_state(
    unit: WriteUnit, erasure_id: UUID, ordinal: int, state: ErasureState, stamp: Stamp
) -> None:
    """The next state of an erasure; its lock is held."""
    place = {"erasure_id": erasure_id, "ordinal": ordinal, "state": state.value}
    await unit.insert(
        ERASURE_STATE, [{**place, "actor_id": stamp.actor_id, "at": stamp.at, "event_id": stamp.event_id}]
    )


async def add_subjects(unit: WriteUnit, erasure_id: UUID, subjects: Collection[UUID]) -> None:
    """Whose keys are to go."""
    await unit.insert(
        ERASURE_SUBJECT, [{"erasure_id": erasure_id, "subject": one} for one in sorted(subjects)]
    )


@dataclass(frozen=True, slots=True)
class Agreed:
    """What two admins have agreed on: whose keys go, when that was, and what the event tells of it."""

    subjects: Sequence[UUID]
    at: datetime
    told: Mapping[str, Any]


async def agreed_on(unit: ReadUnit, erasure_id: UUID) -> Agreed:
    """The agreement of an erasure that has been approved."""
    rows = await unit.rows(_SUBJECTS, {"id": erasure_id})
    agreed = (await unit.rows(_APPROVED, {"id": erasure_id}))[0]
    return Agreed([row.subject for row in rows], agreed.at, agreed.told)


async def bury(
    unit: WriteUnit, entries: Mapping[int, Sequence[UUID]], versions: Mapping[int, int], stamp: Stamp
) -> None:
    """Put up tombstones. An entry that has one keeps it."""
    for number, ids in entries.items():
        values = {"number": number, "ids": list(ids), "version": versions[number]}
        await unit.run(_BURY, {**values, "at": stamp.at, "event_id": stamp.event_id})
