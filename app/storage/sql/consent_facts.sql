-- The consents behind the hits, live and ended ones.
SELECT c.id, c.channels, c.purposes, c.given_at, c.recorded_at, c.by_person, c.names_controller, c.evidenced,
       c.barred, (SELECT e.ended_at FROM registry.fact_end e
                  WHERE e.controller_no = c.controller_no AND e.fact_id = c.id) AS ended_at
FROM registry.consent c
WHERE c.controller_no = :number AND c.id = ANY (CAST(:ids AS uuid[]))
