"""Figures for those who look after the registry: counts, never a person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from app.domain.ids import uuid7
from app.storage.units import ReadUnit, Rows

_RECEIVED = text("""
SELECT o.day, o.party_id, p.name AS party, o.received
FROM (SELECT CAST(received_at AS date) AS day, party_id, count(*) AS received FROM registry.objection
      WHERE id >= :since GROUP BY 1, 2) o
JOIN registry.party p ON p.id = o.party_id ORDER BY o.day, o.party_id
""")
_AGENTS = """
SELECT p.id, p.name, p.org_no, p.country, p.created_at, s.at AS changed_at, s.reason,
       coalesce(s.state, 'active') AS state
FROM registry.party p
LEFT JOIN LATERAL (SELECT x.state, x.at, x.reason FROM registry.party_state x WHERE x.party_id = p.id
                   ORDER BY x.ordinal DESC LIMIT 1) s ON true
WHERE p.kind = 'agent'
"""
_AGENT_PAGE = text(_AGENTS + "AND p.id > :after ORDER BY p.id LIMIT :limit")
_AGENT = text(_AGENTS + "AND p.id = :id")
_REACH = text("""
SELECT (SELECT count(*) FROM (SELECT FROM registry.mandate m WHERE m.agent_id = :id LIMIT :most) a)
           AS mandates,
       (SELECT count(*) FROM (SELECT FROM registry.mandate m
                              JOIN registry.objection o ON o.mandate_id = m.id
                              WHERE m.agent_id = :id LIMIT :most) b) AS objections
""")
_NAMES = text("SELECT id, name FROM registry.party WHERE id = ANY(:ids)")

MOST = 10_000
"""Nobody counts further than this while a person waits for a page."""


async def received_since(unit: ReadUnit, since: datetime) -> Rows:
    """How many objections came in on each day (UTC) through each party, where there were any."""
    return await unit.rows(_RECEIVED, {"since": uuid7(since, bytes(10))})


async def page_of_agents(unit: ReadUnit, after: UUID, limit: int) -> Rows:
    """Agents in the order of their registration, each with its newest state and the reason for it."""
    return await unit.rows(_AGENT_PAGE, {"after": after, "limit": limit})


async def agent_row(unit: ReadUnit, agent_id: UUID) -> Rows:
    """One agent likewise, or nothing."""
    return await unit.rows(_AGENT, {"id": agent_id})


async def agent_reach(unit: ReadUnit, agent_id: UUID) -> tuple[int, int]:
    """How many mandates an agent has registered and how many objections rest on them; MOST + 1 means more."""
    row = await unit.row(_REACH, {"id": agent_id, "most": MOST + 1})
    return (row.mandates, row.objections) if row else (0, 0)


async def party_names(unit: ReadUnit, ids: list[UUID]) -> dict[UUID, str]:
    """What these parties are called."""
    return {row.id: row.name for row in await unit.rows(_NAMES, {"ids": ids})}
