"""What waits for an answer, oldest first: each kind by an index of what is open."""

from datetime import datetime
from typing import Final

from sqlalchemy import text

from app.domain.deadlines import NOBODY, OpenPlace
from app.storage.parties import all_numbers
from app.storage.units import ReadUnit, Rows

_OPEN: Final = text("""
SELECT x.at, x.kind, x.id, x.agent_id, h.party_id AS controller_id
FROM (
    SELECT s.at,
           CASE s.state WHEN 'contested' THEN 'objection_contested' ELSE 'objection_unverified' END
               AS kind,
           o.id, 0 AS controller_no, CASE o.origin WHEN 'agent' THEN o.party_id END AS agent_id
    FROM registry.objection_state s JOIN registry.objection o ON o.id = s.objection_id
    WHERE s.state IN ('pending_verification', 'contested') AND s.at >= :at AND s.at < :before
      AND NOT EXISTS (SELECT FROM registry.objection_state n
                      WHERE n.objection_id = s.objection_id AND n.ordinal > s.ordinal)
      AND (s.state <> 'contested' OR NOT EXISTS (
          SELECT FROM registry.mandate_state m WHERE m.mandate_id = o.mandate_id AND m.state = 'contested'
          AND NOT EXISTS (SELECT FROM registry.mandate_state n
                          WHERE n.mandate_id = m.mandate_id AND n.ordinal > m.ordinal)))
    UNION ALL
    SELECT o.received_at, 'objection_unassessed', o.id, c.controller_no,
           CASE o.origin WHEN 'agent' THEN o.party_id END
    FROM registry.objection o
    CROSS JOIN LATERAL (
        SELECT h.controller_no FROM registry.objection_controller t
        JOIN registry.holder h ON h.controller_no = t.controller_no
                               OR (t.controller_no = 0 AND h.controller_no <> 0)
        JOIN registry.party p ON p.id = h.party_id AND p.kind = 'controller'
        WHERE t.objection_id = o.id) AS c
    WHERE 'art21_1' = ANY (o.kinds) AND o.received_at >= :at AND o.received_at < :before
      AND (SELECT s.state FROM registry.objection_state s WHERE s.objection_id = o.id
           ORDER BY s.ordinal DESC LIMIT 1) IN ('pending_verification', 'active')
      AND NOT EXISTS (SELECT FROM registry.objection_assessment a
                      WHERE a.controller_no = c.controller_no AND a.objection_id = o.id)
    UNION ALL
    SELECT s.at, CASE s.state WHEN 'contested' THEN 'mandate_contested' ELSE 'mandate_unreviewed' END,
           s.mandate_id, 0, m.agent_id
    FROM (SELECT c.* FROM registry.mandate_state c WHERE c.state = 'contested'
          UNION ALL SELECT r.* FROM registry.mandate_state r WHERE r.state = 'needs_review') AS s
    JOIN registry.mandate m ON m.id = s.mandate_id
    WHERE s.at >= :at AND s.at < :before
      AND NOT EXISTS (SELECT FROM registry.mandate_state n
                      WHERE n.mandate_id = s.mandate_id AND n.ordinal > s.ordinal)
    UNION ALL
    SELECT r.at, 'erasure_requested', r.id, 0, NULL
    FROM registry.erasure r
    WHERE r.at >= :at AND r.at < :before
      AND (SELECT s.state FROM registry.erasure_state s WHERE s.erasure_id = r.id
           ORDER BY s.ordinal DESC LIMIT 1) = 'requested'
) AS x
LEFT JOIN registry.holder h ON h.controller_no = x.controller_no AND x.controller_no <> 0
WHERE (x.at, x.kind, x.id, coalesce(h.party_id, :nobody)) > (:at, :kind, :id, :controller_id)
ORDER BY x.at, x.kind, x.id, coalesce(h.party_id, :nobody) LIMIT :limit
""")


async def open_things(unit: ReadUnit, after: OpenPlace, before: datetime, limit: int) -> Rows:
    """What is open and began before a moment, after a place in the list."""
    await unit.declare(await all_numbers(unit))
    place = {"at": after.at, "kind": after.kind, "id": after.id, "controller_id": after.controller_id}
    return await unit.rows(_OPEN, {**place, "nobody": NOBODY, "before": before, "limit": limit})
