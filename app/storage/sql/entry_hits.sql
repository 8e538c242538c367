-- Which of the asked fingerprints have an entry, under the controller, "all controllers" and the source.
-- One index probe each; the canaries of the asked lists are among them.
SELECT k.controller_no, k.fingerprint, k.entry_id
FROM registry.entry_key k
WHERE k.controller_no = ANY (CAST(:numbers AS int4[]))
  AND k.fingerprint = ANY (CAST(string_to_array(:fingerprints, ',') AS uuid[]))
