-- The entries behind the hits that are in force, with their newest state; of an objection to all controllers, if
-- it is not contested, with how the asking controller weighed it. The release is asked for by a
-- scalar: NOT EXISTS may become a join that reads all releases of a list for each hit, as long as nobody has
-- counted them (ANALYZE).
SELECT e.controller_no, e.id, e.kind, e.channels, e.purposes, e.since,
       coalesce(
           (SELECT s.level FROM registry.entry_state s
            WHERE s.controller_no = e.controller_no AND s.entry_id = e.id AND s.level IS NOT NULL
            ORDER BY s.ordinal DESC LIMIT 1),
           e.level) AS level,
       e.service_id,
       coalesce(
           (SELECT s.state FROM registry.entry_state s
            WHERE s.controller_no = e.controller_no AND s.entry_id = e.id ORDER BY s.ordinal DESC LIMIT 1),
           (SELECT a.outcome FROM registry.objection_assessment a
            WHERE a.controller_no = :own AND a.objection_id = e.objection_id AND e.controller_no = 0
            ORDER BY a.ordinal DESC LIMIT 1)) AS state
FROM registry.entry e
WHERE e.controller_no = ANY (CAST(:numbers AS int4[]))
  AND e.id = ANY (CAST(:ids AS uuid[]))
  AND (SELECT r.reason FROM registry.entry_release r
       WHERE r.controller_no = e.controller_no AND r.entry_id = e.id) IS NULL
