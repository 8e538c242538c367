-- The operator's: data keys in other envelopes. A key that was destroyed, or is not as it was read, is left alone.
UPDATE vault.subject_key k SET wrapped = n.made
FROM unnest(CAST(:subjects AS uuid[]), CAST(:known AS bytea[]), CAST(:made AS bytea[]))
    AS n (subject, known, made)
WHERE k.subject = n.subject AND k.wrapped = n.known
