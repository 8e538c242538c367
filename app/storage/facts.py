"""Consents and relationships of one controller: written once, ended once, found under every spelling.

Most lists have none. The first consent of a list marks it with a trait and brings a canary with it; from then
on every lookup of that list asks for consents, and answers nothing unless the canary comes back (R03).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, TextClause, text

from app.domain.consent import ConsentFact
from app.domain.fact_kind import FactKind
from app.domain.refusals import UnavailableError
from app.domain.relationship import RelationshipFact, RelationshipKind
from app.storage.fact_tables import CONSENT, FACT_END, FACT_KEY, RELATIONSHIP
from app.storage.lookups import Lists, canary_of
from app.storage.tables import HOLDER_TRAIT
from app.storage.units import ReadUnit, Rows, WriteUnit, statement

_TABLES: Mapping[FactKind, Table] = {FactKind.CONSENT: CONSENT, FactKind.RELATIONSHIP: RELATIONSHIP}
_NOBODY: Mapping[FactKind, Mapping[str, Any]] = {
    FactKind.CONSENT: {
        **dict.fromkeys(("channels", "purposes"), 0),
        **dict.fromkeys(("by_person", "names_controller", "evidenced", "barred"), False),
        "given_at": None,
    },
    FactKind.RELATIONSHIP: {
        **dict.fromkeys(("collected_in_sale", "informed", "could_refuse"), False),
        "kind": RelationshipKind.MEMBER.value,
    },
}
"""The columns of a canary. It is found under a fingerprint that is nobody's."""

_KINDS = {kind.value: kind for kind in RelationshipKind}
_HITS = statement("fact_hits")
_FACTS = {
    FactKind.CONSENT: statement("consent_facts"),
    FactKind.RELATIONSHIP: statement("relationship_facts"),
}
_TRAIT = text("SELECT trait FROM registry.holder_trait WHERE controller_no = :number AND trait = :trait")
_FOUND = {
    FactKind.CONSENT: text("""
SELECT c.*, e.ended_at, e.version AS end_version FROM registry.consent c
LEFT JOIN registry.fact_end e ON e.controller_no = c.controller_no AND e.fact_id = c.id
WHERE c.controller_no = :number AND c.sealed_id IS NOT NULL AND c.id = ANY(:ids)
"""),
    FactKind.RELATIONSHIP: text("""
SELECT r.*, e.ended_at, e.version AS end_version FROM registry.relationship r
LEFT JOIN registry.fact_end e ON e.controller_no = r.controller_no AND e.fact_id = r.id
WHERE r.controller_no = :number AND r.sealed_id IS NOT NULL AND r.id = ANY(:ids)
"""),
}
_SPELT = text("""
SELECT DISTINCT fact_id FROM registry.fact_key
WHERE controller_no = :number AND kind = :kind AND fingerprint = ANY(:fingerprints)
""")
_CONSENTED = text("""
SELECT fingerprint, fact_id FROM registry.fact_key
WHERE controller_no = :number AND kind = 1 AND fingerprint = ANY(:fingerprints)
""")
_GIVEN = text("""
SELECT id, given_at FROM registry.consent
WHERE controller_no = :number AND given_at IS NOT NULL AND id = ANY(:ids)
""")
_LATEST = text("""
SELECT max(c.given_at) AS given_at FROM registry.consent c
WHERE c.controller_no = ANY(:numbers) AND c.id IN (
    SELECT k.fact_id FROM registry.fact_key k
    WHERE k.controller_no = ANY(:numbers) AND k.kind = 1 AND k.fingerprint = ANY(:fingerprints))
""")

T = TypeVar("T")


class Facts:
    """The consents or the relationships of one list."""

    def __init__(self, unit: ReadUnit, kind: FactKind, controller_no: int) -> None:
        self._unit = unit
        self._kind = kind
        self._number = controller_no

    async def find(self, ids: Collection[UUID]) -> list[Mapping[str, Any]]:
        """These, with `ended_at` and `end_version` where they are over."""
        rows = await self._unit.rows(_FOUND[self._kind], {"number": self._number, "ids": list(ids)})
        return [row._asdict() for row in rows]

    async def spelt(self, fingerprints: Collection[UUID]) -> list[Mapping[str, Any]]:
        """Those found under any of these spellings."""
        asked = {"number": self._number, "kind": self._kind.value, "fingerprints": list(fingerprints)}
        return await self.find([row.fact_id for row in await self._unit.rows(_SPELT, asked)])


async def latest_consent(
    unit: ReadUnit, numbers: Collection[int], fingerprints: Collection[UUID]
) -> datetime | None:
    """When the newest dated consent in these lists was given, live or not."""
    await unit.declare(numbers)
    row = await unit.row(_LATEST, {"numbers": list(numbers), "fingerprints": list(fingerprints)})
    return row.given_at if row else None


async def latest_consents(
    unit: ReadUnit, number: int, fingerprints: Collection[UUID]
) -> dict[UUID, datetime]:
    """When the newest dated consent in this list was given, live or not, for each fingerprint with one."""
    hits = await unit.rows(_CONSENTED, {"number": number, "fingerprints": list(fingerprints)})
    if not hits:
        return {}
    rows = await unit.rows(_GIVEN, {"number": number, "ids": list({row.fact_id for row in hits})})
    given, latest = {row.id: row.given_at for row in rows}, dict[UUID, datetime]()
    for fingerprint, fact_id in map(tuple, hits):
        if fact_id in given:
            latest[fingerprint] = max(given[fact_id], latest.get(fingerprint, given[fact_id]))
    return latest


def has_facts(lists: Lists) -> bool:
    """Whether the controller's list has, or had, any consent or relationship."""
    return any(kind.trait in lists.traits for kind in FactKind)


async def add_facts(
    unit: WriteUnit,
    kind: FactKind,
    facts: Sequence[Mapping[str, Any]],
    keys: Sequence[Mapping[str, Any]],
) -> None:
    """Write facts of one list with their keys, after `prepare_list`."""
    await unit.insert(_TABLES[kind], facts)
    await unit.insert(FACT_KEY, [{**key, "kind": kind.value} for key in keys])


async def prepare_list(
    unit: WriteUnit, kind: FactKind, place: Mapping[str, int], canary_id: UUID, stamp: tuple[UUID, datetime]
) -> None:
    """Mark a list that gets its first fact of a kind, and give it the canary. `place` has its number and the
    version that the caller took, `stamp` the event and the time."""
    number, (event_id, now) = place["controller_no"], stamp
    if await unit.row(_TRAIT, {"number": number, "trait": kind.trait}) is not None:
        return
    fingerprint = canary_of(unit, number)
    row = {**place, **_NOBODY[kind], "id": canary_id, "fingerprint": fingerprint, "event_id": event_id}
    row |= {"sealed_id": None, "recorded_at": now, "identifier_type": "canary"}
    row |= {"since": now} if kind is FactKind.RELATIONSHIP else {}
    await add_facts(unit, kind, [row], [{**place, "fingerprint": fingerprint, "fact_id": canary_id}])
    trait = {"controller_no": number, "trait": kind.trait, "event_id": event_id}
    await unit.insert(HOLDER_TRAIT, [trait])


async def end_fact(unit: WriteUnit, row: Mapping[str, Any]) -> None:
    """The end of a consent or a relationship. The list is locked, and it has none yet."""
    await unit.insert(FACT_END, [row])


async def find_consents(unit: ReadUnit, lists: Lists, digests: bytes) -> Mapping[UUID, Sequence[ConsentFact]]:
    """The consents for each asked fingerprint that has any; `digests` are 16 bytes each, joined."""
    hits, rows = await facts_asked(unit, lists, digests, FactKind.CONSENT, _FACTS[FactKind.CONSENT])
    return by_fingerprint(hits, {row[0]: ConsentFact(*row) for row in map(tuple, rows)})


async def find_relationships(
    unit: ReadUnit, lists: Lists, digests: bytes
) -> Mapping[UUID, Sequence[RelationshipFact]]:
    """The relationships for each asked fingerprint that has any."""
    hits, rows = await facts_asked(unit, lists, digests, FactKind.RELATIONSHIP, _FACTS[FactKind.RELATIONSHIP])
    told = {id_: RelationshipFact(_KINDS[kind], *rest) for id_, kind, *rest in map(tuple, rows)}
    return by_fingerprint(hits, told)


async def facts_asked(
    unit: ReadUnit, lists: Lists, digests: bytes, kind: FactKind, sql: TextClause
) -> tuple[Rows, Rows]:
    """Hits and rows of one kind of fact, which `sql` reads by their ids, without the canary: its hit and its
    row must be among them."""
    if kind.trait not in lists.traits:
        return [], []
    canary, number = canary_of(unit, lists.controller_no), lists.controller_no
    fingerprints = (digests + canary.bytes).hex(",", -16)
    asked = {"number": number, "kind": kind.value, "fingerprints": fingerprints}
    hits = await unit.rows(_HITS, asked)
    ids = {row.fact_id for row in hits}
    rows = await unit.rows(sql, {"number": number, "ids": list(ids)})
    reserved = {row.fact_id for row in hits if row.fingerprint == canary}
    if not reserved or len(rows) != len(ids):
        raise UnavailableError("facts or their canary did not come back")
    return [row for row in hits if row.fact_id not in reserved], rows


def by_fingerprint(hits: Rows, facts: Mapping[UUID, T]) -> dict[UUID, list[T]]:
    """What each fingerprint was found to have."""
    found: dict[UUID, list[T]] = {}
    for fingerprint, fact_id in map(tuple, hits):
        found.setdefault(fingerprint, []).append(facts[fact_id])
    return found
