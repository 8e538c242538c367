-- The entries behind the asked fingerprints, under the controller, "all controllers" and the source, with their newest
-- state and, where they are not in force any more, the reason of the release; of an objection to all controllers, if it
-- is not contested, with how the asking controller weighed it. The canaries of the asked lists are among them, and
-- beside each stands which event took the list's newest version. A key whose entry does not come back gives a row
-- without an id: nobody can say whether that entry is in force. Each row costs one probe of a key; the subselects keep
-- the planner from reading a table in any other way, however little it knows of it.
SELECT k.controller_no, k.fingerprint, e.*
FROM (SELECT x.controller_no, x.fingerprint, x.entry_id FROM registry.entry_key x
      WHERE x.controller_no = ANY (CAST(:numbers AS int4[]))
        AND x.fingerprint = ANY (CAST(string_to_array(:fingerprints, ',') AS uuid[])) OFFSET 0) AS k
LEFT JOIN LATERAL (
    SELECT (SELECT r.reason FROM registry.entry_release r
            WHERE r.controller_no = n.controller_no AND r.entry_id = n.id) AS released,
           coalesce(
               (SELECT s.state FROM registry.entry_state s
                WHERE s.controller_no = n.controller_no AND s.entry_id = n.id ORDER BY s.ordinal DESC LIMIT 1),
               (SELECT a.outcome FROM registry.objection_assessment a
                WHERE a.controller_no = :own AND a.objection_id = n.objection_id AND n.controller_no = 0
                ORDER BY a.ordinal DESC LIMIT 1)) AS state,
           CASE WHEN n.kind = 0 THEN
               (SELECT v.event_id FROM registry.controller_version v WHERE v.controller_no = n.controller_no
                ORDER BY v.version DESC LIMIT 1) END AS head,
           n.id, n.kind, n.channels, n.purposes, n.since,
           coalesce(
               (SELECT s.level FROM registry.entry_state s
                WHERE s.controller_no = n.controller_no AND s.entry_id = n.id AND s.level IS NOT NULL
                ORDER BY s.ordinal DESC LIMIT 1),
               n.level) AS level,
           n.service_id
    FROM registry.entry n
    WHERE n.controller_no = k.controller_no AND n.id = k.entry_id
    OFFSET 0) AS e ON true
