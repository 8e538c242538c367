-- The consents found under any of the asked fingerprints, live and ended ones; the list's canary is among them.
SELECT k.fingerprint, c.id, c.channels, c.purposes, c.given_at, c.recorded_at, c.by_person,
       c.names_controller, c.evidenced, c.barred,
       (SELECT e.ended_at FROM registry.fact_end e
        WHERE e.controller_no = c.controller_no AND e.fact_id = c.id) AS ended_at
FROM registry.fact_key k
JOIN registry.consent c ON c.controller_no = k.controller_no AND c.id = k.fact_id
WHERE k.controller_no = :number AND k.kind = 1
  AND k.fingerprint = ANY (CAST(string_to_array(:fingerprints, ',') AS uuid[]))
