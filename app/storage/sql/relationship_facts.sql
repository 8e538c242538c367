-- The relationships found under any of the asked fingerprints; the list's canary is among them.
SELECT k.fingerprint, r.id, r.kind, r.since, r.collected_in_sale, r.informed, r.could_refuse,
       (SELECT e.ended_at FROM registry.fact_end e
        WHERE e.controller_no = r.controller_no AND e.fact_id = r.id) AS ended_at
FROM registry.fact_key k
JOIN registry.relationship r ON r.controller_no = k.controller_no AND r.id = k.fact_id
WHERE k.controller_no = :number AND k.kind = 2
  AND k.fingerprint = ANY (CAST(string_to_array(:fingerprints, ',') AS uuid[]))
