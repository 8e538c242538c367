"""Lists for those who look after the registry, newest first, a page at a time (strict comparison of ids).

They hold nothing that is sealed: parties, states, levels and dates. A state other than `active` has an
index, so that a rare one is found among a million others.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.domain.mandate import MandateState
from app.domain.objection import ObjectionState
from app.storage.units import ReadUnit, Rows

_MANDATES = """
SELECT m.id, m.agent_id, p.name AS agent, m.state, m.level, m.evidence_kind, m.valid_from, m.valid_to,
       m.received_at
FROM registry.mandate_now m JOIN registry.party p ON p.id = m.agent_id
"""
_SETTLED_MANDATES = (
    _MANDATES
    + "JOIN registry.mandate_state s ON s.mandate_id = m.id AND s.ordinal = m.ordinal"
    + " AND s.state <> 'active' AND s.state = :state AND s.mandate_id < :before"
)
_OBJECTIONS = """
SELECT o.id, o.origin, o.party_id, p.name AS party, o.mandate_id, o.state, o.level, o.kinds, o.received_at
FROM registry.objection_now o JOIN registry.party p ON p.id = o.party_id
"""
_SETTLED_OBJECTIONS = (
    _OBJECTIONS
    + "JOIN registry.objection_state s ON s.objection_id = o.id AND s.ordinal = o.ordinal"
    + " AND s.state <> 'active' AND s.state = :state AND s.objection_id < :before"
)
_IN_FORCE = ("m.state = 'active'", "m.valid_to > :now")
_EXPIRED = ("m.state = 'active'", "m.valid_to <= :now")
_BY_IDS = text(_MANDATES + "WHERE m.id = ANY(:ids) ORDER BY m.id DESC")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: before an id; and how many rows it has."""

    before: UUID
    limit: int


async def page_of_mandates(
    unit: ReadUnit, place: Place, now: datetime, state: MandateState | None, agent_id: UUID | None
) -> Rows:
    """Mandates before an id. One that has run out is `expired`, whatever its newest event says."""
    query, where = _MANDATES, ["m.id < :before"]
    if state is MandateState.ACTIVE:
        where += _IN_FORCE
    elif state is MandateState.EXPIRED:
        where += _EXPIRED
    elif state is not None:
        query = _SETTLED_MANDATES
    if agent_id is not None:
        where.append("m.agent_id = :agent_id")
    values = {"state": state and state.value, "agent_id": agent_id, "now": now}
    return await _page(unit, query, where, "m.id", place, values)


async def page_of_objections(
    unit: ReadUnit, place: Place, state: ObjectionState | None, mandate_id: UUID | None
) -> Rows:
    """Objections before an id, of all mandates or of one."""
    query, where = _OBJECTIONS, ["o.id < :before"]
    if state is ObjectionState.ACTIVE:
        where.append("o.state = 'active'")
    elif state is not None:
        query = _SETTLED_OBJECTIONS
    if mandate_id is not None:
        where.append("o.mandate_id = :mandate_id")
    values = {"state": state and state.value, "mandate_id": mandate_id}
    return await _page(unit, query, where, "o.id", place, values)


async def listed_mandates(unit: ReadUnit, ids: list[UUID]) -> Rows:
    """These mandates, newest first."""
    return await unit.rows(_BY_IDS, {"ids": ids})


async def _page(
    unit: ReadUnit, query: str, where: list[str], order: str, place: Place, values: dict[str, Any]
) -> Rows:
    """Only the values that a statement names travel with it."""
    sql = f"{query} WHERE {' AND '.join(where)} ORDER BY {order} DESC LIMIT :limit"
    every = {**values, "before": place.before, "limit": place.limit}
    return await unit.rows(text(sql), {name: value for name, value in every.items() if f":{name}" in sql})


_CONTESTED_MANDATES = text("""
SELECT s.mandate_id AS id, s.at, e.credential_id, p.name AS party
FROM registry.mandate_state s
JOIN registry.event e ON e.id = s.event_id
JOIN registry.mandate m ON m.id = s.mandate_id JOIN registry.party p ON p.id = m.agent_id
WHERE s.state <> 'active' AND s.state = 'contested' AND s.mandate_id > :after
  AND NOT EXISTS (SELECT FROM registry.mandate_state n
                  WHERE n.mandate_id = s.mandate_id AND n.ordinal > s.ordinal)
ORDER BY s.mandate_id LIMIT :limit
""")
_CONTESTED_OBJECTIONS = text("""
SELECT s.objection_id AS id, s.at, s.actor_id AS credential_id, p.name AS party, o.mandate_id
FROM registry.objection_state s
JOIN registry.objection o ON o.id = s.objection_id JOIN registry.party p ON p.id = o.party_id
WHERE s.state <> 'active' AND s.state = 'contested' AND s.objection_id > :after
  AND NOT EXISTS (SELECT FROM registry.objection_state n
                  WHERE n.objection_id = s.objection_id AND n.ordinal > s.ordinal)
ORDER BY s.objection_id LIMIT :limit
""")


async def contested_mandates(unit: ReadUnit, after: UUID, limit: int) -> Rows:
    """Mandates in doubt, oldest first: id, since when, by which credential, and the agent's name."""
    return await unit.rows(_CONTESTED_MANDATES, {"after": after, "limit": limit})


async def contested_objections(unit: ReadUnit, after: UUID, limit: int) -> Rows:
    """Objections in doubt likewise, also those that are in doubt with their mandate."""
    return await unit.rows(_CONTESTED_OBJECTIONS, {"after": after, "limit": limit})
