-- Which of the asked fingerprints stand in the newest snapshots, of all consulted registers at once, and with
-- which flags. One index probe each; the canaries of the snapshots are among them.
SELECT e.snapshot_no, e.fingerprint, e.flags
FROM registry.register_entry e
WHERE e.snapshot_no = ANY (CAST(:numbers AS int4[]))
  AND e.fingerprint = ANY (CAST(string_to_array(:fingerprints, ',') AS uuid[]))
