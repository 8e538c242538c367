"""What is counted of agents: in a time for anomalies, and as things stand for a suspension."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.domain.anomalies import AgentFigures
from app.domain.ids import uuid7
from app.storage.parties import all_numbers
from app.storage.tables import MANDATE_DEVICE
from app.storage.units import ReadUnit, WriteUnit

_AGENTS = text("SELECT id FROM registry.party WHERE kind = 'agent' AND id > :after ORDER BY id LIMIT :limit")
_MANDATES = text("""
SELECT m.agent_id, count(*) AS mandates, count(DISTINCT m.subject) AS grantors,
       count(*) FILTER (WHERE m.rejected) AS rejected,
       count(*) FILTER (WHERE NOT m.rejected)
       - count(DISTINCT m.claims_digest) FILTER (WHERE NOT m.rejected)
       + count(*) FILTER (WHERE EXISTS (SELECT FROM registry.mandate_check c
                                        WHERE c.mandate_id = m.id AND c.outcome = 'failed'
                                          AND c.code IN ('BANKID_UNUSED', 'EID_UNUSED'))) AS reused
FROM (SELECT x.*, EXISTS (SELECT FROM registry.mandate_state s WHERE s.mandate_id = x.id AND s.ordinal = 1
                          AND s.state = 'rejected') AS rejected
      FROM registry.mandate x
      WHERE x.agent_id = ANY(:agents) AND x.id >= :first AND x.id < :last) AS m
GROUP BY m.agent_id
""")
_HOURS = text("""
WITH acts AS (
    SELECT m.agent_id, m.received_at, 0 AS objection FROM registry.mandate m
    WHERE m.agent_id = ANY(:agents) AND m.id >= :first AND m.id < :last
    UNION ALL
    SELECT o.party_id, o.received_at, 1 FROM registry.objection o
    WHERE o.party_id = ANY(:agents) AND o.id >= :first AND o.id < :last),
hours AS (SELECT agent_id, date_trunc('hour', received_at) AS hour, count(*) AS acts,
                 sum(objection) AS objections
          FROM acts GROUP BY 1, 2)
SELECT agent_id, CAST(sum(objections) AS int8) AS objections, count(*) AS hours, max(acts) AS busiest_hour
FROM hours GROUP BY agent_id
""")
_REFUSED = text("""
SELECT e.actor_id AS agent_id, count(*) AS refused FROM registry.event e
WHERE e.actor_id = ANY(:agents) AND e.id >= :first AND e.id < :last AND e.outcome <> 'done'
GROUP BY e.actor_id
""")
_DEVICES = text("""
SELECT agent_id, max(grantors) AS on_one_device
FROM (SELECT m.agent_id, d.device, count(DISTINCT m.subject) AS grantors
      FROM registry.mandate m JOIN registry.mandate_device d ON d.mandate_id = m.id
      WHERE m.agent_id = ANY(:agents) AND m.id >= :first AND m.id < :last GROUP BY 1, 2) AS shared
GROUP BY agent_id
""")
_STANDING = text("""
SELECT (SELECT count(*) FROM registry.mandate_now m WHERE m.agent_id = :agent AND m.state = 'active'
        AND m.valid_from <= :now AND m.valid_to > :now) AS mandates_in_force,
       (SELECT count(*) FROM registry.mandate_now m WHERE m.agent_id = :agent
        AND m.state IN ('contested', 'needs_review')) AS mandates_in_doubt,
       (SELECT count(DISTINCT m.subject) FROM registry.mandate m WHERE m.agent_id = :agent) AS grantors,
       (SELECT count(*) FROM registry.credential c WHERE c.party_id = :agent AND NOT EXISTS (
            SELECT FROM registry.credential_revocation r WHERE r.credential_id = c.id)) AS credentials
""")
_OBJECTIONS = text("""
WITH mine AS MATERIALIZED (
    SELECT o.id, o.state FROM registry.mandate m JOIN registry.objection_now o ON o.mandate_id = m.id
    WHERE m.agent_id = :agent AND o.state IN ('pending_verification', 'active', 'contested')),
reached AS MATERIALIZED (
    SELECT c.controller_no, c.objection_id FROM registry.objection_controller c
    JOIN mine ON mine.id = c.objection_id)
SELECT (SELECT count(*) FROM mine) AS objections_in_force,
       (SELECT count(*) FROM mine WHERE state = 'pending_verification') AS objections_waiting,
       (SELECT count(DISTINCT r.controller_no) FROM reached r WHERE r.controller_no <> 0) AS controllers,
       (SELECT count(*) FROM reached r WHERE r.controller_no = 0) AS objections_everywhere,
       (SELECT count(*) FROM reached r
        JOIN registry.entry e ON e.controller_no = r.controller_no AND e.objection_id = r.objection_id
                             AND CAST(e.controller_no AS int8) = r.controller_no
        WHERE NOT EXISTS (SELECT FROM registry.entry_release x
                          WHERE x.controller_no = e.controller_no AND x.entry_id = e.id)) AS entries_in_force
""")


async def agents_after(unit: ReadUnit, after: UUID, limit: int) -> list[UUID]:
    """Agents in the order of their ids."""
    return [row.id for row in await unit.rows(_AGENTS, {"after": after, "limit": limit})]


async def figures_of(
    unit: ReadUnit, agents: Collection[UUID], begin: datetime, end: datetime
) -> dict[UUID, AgentFigures]:
    """What these agents sent in a time, counted."""
    asked = {"agents": list(agents), "first": uuid7(begin, bytes(10)), "last": uuid7(end, bytes(10))}
    told: dict[UUID, dict[str, int]] = {agent: {} for agent in agents}
    for sql in (_MANDATES, _HOURS, _REFUSED, _DEVICES):
        for row in await unit.rows(sql, asked):
            counted = row._asdict()
            told[counted.pop("agent_id")] |= counted
    return {agent: AgentFigures(**counted) for agent, counted in told.items()}


async def standing_of(unit: ReadUnit, agent_id: UUID, now: datetime) -> dict[str, int]:
    """What rests on an agent now, counted."""
    await unit.declare(await all_numbers(unit))
    (standing,) = await unit.rows(_STANDING, {"agent": agent_id, "now": now})
    (objections,) = await unit.rows(_OBJECTIONS, {"agent": agent_id})
    return {**standing._asdict(), **objections._asdict()}


async def note_device(unit: WriteUnit, mandate_id: UUID, device: str, event_id: UUID) -> None:
    """Keep on which device a mandate was signed, in a form that says nothing without the key."""
    digest = unit.instruments.fingerprints.text("subject", f"device {device}")
    row: dict[str, Any] = {"mandate_id": mandate_id, "device": digest, "event_id": event_id}
    await unit.insert(MANDATE_DEVICE, [row])
