-- Beside what lists_asked says (it stands in the place of %s), what can be seen of the canaries of each list: the
-- kind of its reserved entry, the reason of its release, its consent, its relationship. $2 has the reserved
-- fingerprint of each list in $1. Whatever else hits are judged by is read as well. Scalars, each one probe of
-- an index: EXISTS or a join may become a scan of all that a list has, as long as nobody has counted it.
SELECT f.*,
       (SELECT e.kind FROM registry.entry e
        WHERE e.controller_no = f.controller_no AND e.id = f.canary_entry) AS entry_kind,
       (SELECT r.reason FROM registry.entry_release r
        WHERE r.controller_no = f.controller_no AND r.entry_id = f.canary_entry) AS released,
       (SELECT s.state FROM registry.entry_state s
        WHERE s.controller_no = f.controller_no AND s.entry_id = f.canary_entry LIMIT 1) AS state,
       (SELECT c.id FROM registry.consent c
        WHERE c.controller_no = f.controller_no AND c.id = f.canary_consent) AS consent,
       (SELECT r.id FROM registry.relationship r
        WHERE r.controller_no = f.controller_no AND r.id = f.canary_relationship) AS relationship,
       (SELECT x.ended_at FROM registry.fact_end x
        WHERE x.controller_no = f.controller_no AND x.fact_id = f.canary_consent) AS ended
FROM (SELECT l.*,
             (SELECT k.entry_id FROM registry.entry_key k
              WHERE k.controller_no = l.controller_no AND k.fingerprint = l.canary LIMIT 1) AS canary_entry,
             (SELECT k.fact_id FROM registry.fact_key k
              WHERE k.controller_no = l.controller_no AND k.kind = 1 AND k.fingerprint = l.canary
              LIMIT 1) AS canary_consent,
             (SELECT k.fact_id FROM registry.fact_key k
              WHERE k.controller_no = l.controller_no AND k.kind = 2 AND k.fingerprint = l.canary
              LIMIT 1) AS canary_relationship
      FROM (SELECT a.*, (CAST($2 AS uuid[]))[array_position(CAST($1 AS int4[]), a.controller_no)] AS canary
            FROM (%s) AS a OFFSET 0) AS l OFFSET 0) AS f
