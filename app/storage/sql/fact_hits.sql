-- Which of the asked fingerprints have a consent (kind 1) or a relationship (kind 2) at this controller. One
-- index probe each; the list's canary is among them.
SELECT k.fingerprint, k.fact_id
FROM registry.fact_key k
WHERE k.controller_no = :number AND k.kind = :kind
  AND k.fingerprint = ANY (CAST(string_to_array(:fingerprints, ',') AS uuid[]))
