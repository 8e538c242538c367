-- Plain identifiers, sealed under one data key per subject. Whoever destroys the key row erases the person.

CREATE TABLE vault.subject_key (
    subject     uuid NOT NULL,
    wrapped     bytea NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (subject)
);

CREATE TABLE vault.sealed (
    id           uuid NOT NULL PRIMARY KEY,
    subject      uuid NOT NULL,
    fingerprint  uuid,
    kind         text NOT NULL,
    ciphertext   bytea NOT NULL
);
CREATE INDEX sealed_subject ON vault.sealed (subject);
CREATE INDEX sealed_fingerprint ON vault.sealed (fingerprint) WHERE fingerprint IS NOT NULL;

-- The answers of acts, kept for ever so that a repeat gets the same one. A batch has a part for each item.
CREATE TABLE vault.answer (
    event_id    uuid NOT NULL,
    position    int4 NOT NULL,
    subject     uuid,
    ciphertext  bytea NOT NULL,
    PRIMARY KEY (event_id, position)
);
