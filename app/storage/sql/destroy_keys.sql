-- The one statement of the service that removes rows. Without the key nothing opens that was sealed under it; one
-- made later belongs to what the person said since.
DELETE FROM vault.subject_key
WHERE subject = ANY (CAST(:subjects AS uuid[])) AND created_at <= CAST(:until AS timestamptz)
