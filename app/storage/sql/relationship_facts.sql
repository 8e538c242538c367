-- The relationships behind the hits, also those that are over.
SELECT r.id, r.kind, r.since, (SELECT e.ended_at FROM registry.fact_end e
                               WHERE e.controller_no = r.controller_no AND e.fact_id = r.id) AS ended_at,
       r.collected_in_sale, r.informed, r.could_refuse
FROM registry.relationship r
WHERE r.controller_no = :number AND r.id = ANY (CAST(:ids AS uuid[]))
