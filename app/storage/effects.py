"""How long objections took from receipt until they were in force for good, by the times in the register."""

from datetime import datetime

from sqlalchemy import text

from app.domain.ids import uuid7
from app.storage.units import ReadUnit, Rows

_EFFECTS = text("""
WITH taken AS (
    SELECT CASE o.origin WHEN 'agent' THEN o.party_id END AS agent_id, o.received_at,
           extract(epoch FROM (SELECT min(s.at) FROM registry.objection_state s
                               WHERE s.objection_id = o.id AND s.state = 'active')
                              - o.received_at) AS seconds,
           (SELECT s.state FROM registry.objection_state s WHERE s.objection_id = o.id
            ORDER BY s.ordinal DESC LIMIT 1) AS state
    FROM registry.objection o
    WHERE o.id >= :first AND o.id < :last
)
SELECT agent_id, grouping(agent_id) AS everybody, count(*) AS received, count(seconds) AS effective,
       count(*) FILTER (WHERE seconds = 0) AS immediate,
       count(*) FILTER (WHERE state = 'pending_verification') AS waiting,
       min(received_at) FILTER (WHERE state = 'pending_verification') AS waiting_since,
       percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY CAST(seconds AS float8)) AS percentiles,
       CAST(max(seconds) AS float8) AS longest
FROM taken GROUP BY GROUPING SETS ((agent_id), ()) ORDER BY everybody DESC, agent_id NULLS LAST
""")


async def effects(unit: ReadUnit, begin: datetime, end: datetime) -> Rows:
    """Of all objections received in a time, and of those of each agent (None: those of nobody's mandate)."""
    return await unit.rows(_EFFECTS, {"first": uuid7(begin, bytes(10)), "last": uuid7(end, bytes(10))})
