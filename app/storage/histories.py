"""Everything that was ever written of some fingerprints in some lists, with when: nothing is altered, so the
past is still there. A canary of each list must come back, as for a lookup (R03)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.domain.consent import ConsentFact
from app.domain.entry import EntryFact, EntryKind
from app.domain.fact_kind import FactKind
from app.domain.history import (
    EntryPast,
    FactPast,
    PolicyPast,
    StatePast,
    Written,
    consent_past,
    relationship_past,
)
from app.domain.parties import ALL_CONTROLLERS
from app.domain.refusals import UnavailableError
from app.domain.relationship import RelationshipFact, RelationshipKind
from app.storage.facts import by_fingerprint, facts_asked
from app.storage.lookups import Lists, canary_of
from app.storage.parties import policy_of
from app.storage.units import ReadUnit, Rows

_HITS = text("""
SELECT k.controller_no, k.fingerprint, k.entry_id FROM registry.entry_key k
WHERE k.controller_no = ANY (CAST(:numbers AS int4[]))
  AND k.fingerprint = ANY (CAST(string_to_array(:fingerprints, ',') AS uuid[]))
""")
_ENTRIES = text("""
SELECT e.*, v.at FROM registry.entry e
JOIN registry.controller_version v ON v.controller_no = e.controller_no AND v.version = e.version
WHERE e.controller_no = ANY(:numbers) AND e.id = ANY(:ids)
""")
_RELEASES = text("""
SELECT r.controller_no, r.entry_id, r.version, r.at, r.event_id FROM registry.entry_release r
WHERE r.controller_no = ANY(:numbers) AND r.entry_id = ANY(:ids)
""")
_STATES = text("""
SELECT s.controller_no, s.entry_id AS row_id, s.version, s.at, s.event_id, s.state, s.level
FROM registry.entry_state s
WHERE s.controller_no = ANY(:numbers) AND s.entry_id = ANY(:ids) ORDER BY s.ordinal
""")
_WEIGHINGS = text("""
SELECT a.controller_no, a.objection_id AS row_id, a.version, a.at, a.event_id, a.outcome AS state,
       CAST(NULL AS int2) AS level
FROM registry.objection_assessment a
WHERE a.controller_no = :number AND a.objection_id = ANY(:ids) ORDER BY a.ordinal
""")
_POLICIES = text("""
SELECT p.controller_no, p.version, p.policy, v.at, p.event_id FROM registry.controller_policy p
JOIN registry.controller_version v ON v.controller_no = p.controller_no AND v.version = p.version
WHERE p.controller_no = :number ORDER BY p.version
""")
_FACTS = """
SELECT f.*, v.at, x.ended_at, x.version AS end_version, x.at AS end_at, x.event_id AS end_event
FROM {table} f
JOIN registry.controller_version v ON v.controller_no = f.controller_no AND v.version = f.version
LEFT JOIN registry.fact_end x ON x.controller_no = f.controller_no AND x.fact_id = f.id
WHERE f.controller_no = :number AND f.id = ANY(:ids)
"""
_CONSENTS = text(_FACTS.format(table="registry.consent"))
_RELATIONSHIPS = text(_FACTS.format(table="registry.relationship"))
_PROVEN = text("""
SELECT l.event_id, (SELECT c.at FROM registry.journal_checkpoint c
                    WHERE c.size > l.position ORDER BY c.size LIMIT 1) AS at
FROM registry.journal_leaf l WHERE l.event_id = ANY(:ids)
""")


@dataclass(frozen=True, slots=True)
class History:
    """By fingerprint what was ever written of it, and every policy of the controller."""

    entries: Mapping[UUID, Sequence[EntryPast]]
    consents: Mapping[UUID, Sequence[FactPast[ConsentFact]]]
    relationships: Mapping[UUID, Sequence[FactPast[RelationshipFact]]]
    policies: Sequence[PolicyPast]

    def rows(self) -> list[Written]:
        """When each row was written."""
        of_facts = (self.entries, self.consents, self.relationships)
        pasts = [past for found in of_facts for facts in found.values() for past in facts]
        return [row for past in pasts for row in past.rows()] + [one.written for one in self.policies]


async def history_of(unit: ReadUnit, lists: Lists, digests: bytes) -> History:
    """What was ever written of these fingerprints (16 bytes each, joined) in lists that were opened."""
    policies = await unit.rows(_POLICIES, {"number": lists.controller_no})
    return History(
        await _entries(unit, lists, digests),
        await _consents(unit, lists, digests),
        await _relationships(unit, lists, digests),
        [PolicyPast(policy_of(row.policy), _written(row)) for row in policies],
    )


async def proven_times(unit: ReadUnit, event_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """By when these events had certainly been committed: the first signed tree that has each."""
    rows = await unit.rows(_PROVEN, {"ids": list(event_ids)}) if event_ids else []
    return {row.event_id: row.at for row in rows if row.at is not None}


async def _entries(unit: ReadUnit, lists: Lists, digests: bytes) -> dict[UUID, list[EntryPast]]:
    canaries = {number: canary_of(unit, number) for number in lists.numbers}
    asked = digests + b"".join(canary.bytes for canary in canaries.values())
    values = {"numbers": list(lists.numbers), "fingerprints": asked.hex(",", -16)}
    hits = await unit.rows(_HITS, values)
    pasts = await _entry_pasts(unit, lists, {row.entry_id for row in hits})
    found: dict[UUID, list[EntryPast]] = {}
    seen: set[int] = set()
    for hit in hits:
        past = pasts.get((hit.controller_no, hit.entry_id))
        if past is None:
            raise UnavailableError("an entry did not come back")
        if past.fact.kind is not EntryKind.CANARY:
            found.setdefault(hit.fingerprint, []).append(past)
        elif hit.fingerprint == canaries[hit.controller_no] and past.release is None:
            seen.add(hit.controller_no)
    if seen != set(lists.numbers):
        raise UnavailableError("a canary did not come back")
    return found


async def _entry_pasts(
    unit: ReadUnit, lists: Lists, ids: Collection[UUID]
) -> dict[tuple[int, UUID], EntryPast]:
    asked: dict[str, Any] = {"numbers": list(lists.numbers), "ids": list(ids)}
    rows = await unit.rows(_ENTRIES, asked)
    releases = {(row.controller_no, row.entry_id): _written(row) for row in await unit.rows(_RELEASES, asked)}
    states = _by_row(await unit.rows(_STATES, asked))
    everywhere = [row.objection_id for row in rows if row.controller_no == ALL_CONTROLLERS]
    weighed = {"number": lists.controller_no, "ids": [one for one in everywhere if one]}
    weighings = _by_row(await unit.rows(_WEIGHINGS, weighed))
    return {
        (row.controller_no, row.id): EntryPast(
            _entry(row),
            _written(row),
            releases.get((row.controller_no, row.id)),
            states.get((row.controller_no, row.id), ()),
            weighings.get((lists.controller_no, row.objection_id), ())
            if row.controller_no == ALL_CONTROLLERS
            else (),
        )
        for row in rows
    }


def _entry(row: Row[Any]) -> EntryFact:
    return EntryFact(
        row.id,
        EntryKind(row.kind),
        row.channels,
        row.purposes,
        row.since,
        row.level,
        service_id=row.service_id,
    )


def _by_row(rows: Rows) -> dict[tuple[int, UUID], list[StatePast]]:
    found: dict[tuple[int, UUID], list[StatePast]] = {}
    for row in rows:
        past = StatePast(_written(row), row.state, row.level)
        found.setdefault((row.controller_no, row.row_id), []).append(past)
    return found


def _written(row: Row[Any]) -> Written:
    return Written(row.controller_no, row.version, row.at, row.event_id)


def _ended(row: Row[Any]) -> Written | None:
    if row.end_at is None:
        return None
    return Written(row.controller_no, row.end_version, row.end_at, row.end_event)


async def _consents(unit: ReadUnit, lists: Lists, digests: bytes) -> dict[UUID, list[FactPast[ConsentFact]]]:
    hits, rows = await facts_asked(unit, lists, digests, FactKind.CONSENT, _CONSENTS)
    return by_fingerprint(hits, {row.id: _consent(row) for row in rows})


def _consent(row: Row[Any]) -> FactPast[ConsentFact]:
    fact = ConsentFact(
        row.id,
        row.channels,
        row.purposes,
        row.given_at,
        row.recorded_at,
        row.by_person,
        row.names_controller,
        row.evidenced,
        row.barred,
        row.ended_at,
    )
    return consent_past(fact, _written(row), _ended(row))


async def _relationships(
    unit: ReadUnit, lists: Lists, digests: bytes
) -> dict[UUID, list[FactPast[RelationshipFact]]]:
    hits, rows = await facts_asked(unit, lists, digests, FactKind.RELATIONSHIP, _RELATIONSHIPS)
    return by_fingerprint(hits, {row.id: _relationship(row) for row in rows})


def _relationship(row: Row[Any]) -> FactPast[RelationshipFact]:
    fact = RelationshipFact(
        RelationshipKind(row.kind),
        row.since,
        row.ended_at,
        row.collected_in_sale,
        row.informed,
        row.could_refuse,
    )
    return relationship_past(fact, _written(row), _ended(row))
