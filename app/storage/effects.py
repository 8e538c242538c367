"""How long objections took from receipt until they were in force for good, by the times in the register.

Ids begin with the time, so that a time is a stretch of both keys: they are read in order and never probed.
"""

from datetime import datetime

from sqlalchemy import text

from app.domain.ids import uuid7
from app.storage.units import ReadUnit, Rows

_EFFECTS = text("""
WITH states AS (
    SELECT s.objection_id, min(s.at) FILTER (WHERE s.state = 'active') AS effective_at,
           max(s.ordinal) FILTER (WHERE s.state = 'pending_verification') = max(s.ordinal) AS waiting
    FROM registry.objection_state s
    WHERE s.objection_id >= :first AND s.objection_id < :last GROUP BY s.objection_id),
taken AS (
    SELECT CASE o.origin WHEN 'agent' THEN o.party_id END AS agent_id, o.received_at, s.waiting,
           CAST(extract(epoch FROM s.effective_at - o.received_at) AS float8) AS seconds
    FROM registry.objection o JOIN states s ON s.objection_id = o.id
    WHERE o.id >= :first AND o.id < :last)
SELECT agent_id, grouping(agent_id) AS everybody, count(*) AS received, count(seconds) AS effective,
       count(*) FILTER (WHERE seconds = 0) AS immediate,
       count(*) FILTER (WHERE waiting) AS waiting,
       min(received_at) FILTER (WHERE waiting) AS waiting_since,
       percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY seconds) AS percentiles,
       max(seconds) AS longest
FROM taken GROUP BY GROUPING SETS ((agent_id), ()) ORDER BY everybody DESC, agent_id NULLS LAST
""")


async def effects(unit: ReadUnit, begin: datetime, end: datetime) -> Rows:
    """Of all objections received in a time, and of those of each agent (None: those of nobody's mandate)."""
    return await unit.rows(_EFFECTS, {"first": uuid7(begin, bytes(10)), "last": uuid7(end, bytes(10))})
