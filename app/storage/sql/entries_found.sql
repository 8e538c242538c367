-- The entries in force behind the asked fingerprints, under the controller, "all controllers" and the source, with
-- their newest state; of an objection to all controllers, if it is not contested, with how the asking controller
-- weighed it. The canaries of the asked lists are among them, and beside each stands which event took the list's
-- newest version. Each row costs one probe of a key; the subselects keep the planner from reading a table in any
-- other way, however little it knows of it. The release is asked for by a scalar: NOT EXISTS may become a join that
-- reads all releases of a list.
SELECT k.controller_no, k.fingerprint, e.*
FROM (SELECT x.controller_no, x.fingerprint, x.entry_id FROM registry.entry_key x
      WHERE x.controller_no = ANY (CAST(:numbers AS int4[]))
        AND x.fingerprint = ANY (CAST(string_to_array(:fingerprints, ',') AS uuid[])) OFFSET 0) AS k
CROSS JOIN LATERAL (
    SELECT n.id, n.kind, n.channels, n.purposes, n.since,
           coalesce(
               (SELECT s.level FROM registry.entry_state s
                WHERE s.controller_no = n.controller_no AND s.entry_id = n.id AND s.level IS NOT NULL
                ORDER BY s.ordinal DESC LIMIT 1),
               n.level) AS level,
           n.service_id,
           coalesce(
               (SELECT s.state FROM registry.entry_state s
                WHERE s.controller_no = n.controller_no AND s.entry_id = n.id ORDER BY s.ordinal DESC LIMIT 1),
               (SELECT a.outcome FROM registry.objection_assessment a
                WHERE a.controller_no = :own AND a.objection_id = n.objection_id AND n.controller_no = 0
                ORDER BY a.ordinal DESC LIMIT 1)) AS state,
           CASE WHEN n.kind = 0 THEN
               (SELECT v.event_id FROM registry.controller_version v WHERE v.controller_no = n.controller_no
                ORDER BY v.version DESC LIMIT 1) END AS head
    FROM registry.entry n
    WHERE n.controller_no = k.controller_no AND n.id = k.entry_id
      AND (SELECT r.reason FROM registry.entry_release r
           WHERE r.controller_no = n.controller_no AND r.entry_id = n.id) IS NULL
    OFFSET 0) AS e
