-- Erasure: who asked for it, which two admins acted, whose keys went, and which entries are tombstones since.

-- `what` is a keyed digest of the identifiers named, by which the second admin's request is known to be the same.
CREATE TABLE registry.erasure (
    id         uuid PRIMARY KEY,
    what       uuid NOT NULL,
    at         timestamptz NOT NULL,
    event_id   uuid NOT NULL
);
CREATE INDEX erasure_what ON registry.erasure (what, id);

CREATE TABLE registry.erasure_state (
    erasure_id  uuid NOT NULL REFERENCES registry.erasure (id),
    ordinal     int4 NOT NULL,
    state       text NOT NULL,
    actor_id    uuid NOT NULL,
    at          timestamptz NOT NULL,
    event_id    uuid NOT NULL,
    PRIMARY KEY (erasure_id, ordinal)
);

-- Written before any key is destroyed: whoever repeats an erasure that broke off destroys these and no others.
CREATE TABLE registry.erasure_subject (
    erasure_id  uuid NOT NULL REFERENCES registry.erasure (id),
    subject     uuid NOT NULL,
    PRIMARY KEY (erasure_id, subject)
);

-- The entry stays and blocks; of its identifier only the fingerprint is left.
CREATE TABLE registry.entry_tombstone (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    entry_id       uuid NOT NULL,
    at             timestamptz NOT NULL,
    version        int8 NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, entry_id)
);

-- A snapshot whose rows the operator has removed. The snapshot itself stays: receipts name it.
CREATE TABLE registry.register_snapshot_dropped (
    snapshot_no  int4 PRIMARY KEY REFERENCES registry.register_snapshot (snapshot_no),
    row_count    int4 NOT NULL,
    at           timestamptz NOT NULL,
    event_id     uuid NOT NULL
);

-- Whose mandate names an identifier.
CREATE INDEX mandate_identifier_fingerprint ON registry.mandate_identifier (fingerprint);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['erasure', 'erasure_state', 'erasure_subject', 'entry_tombstone', 'register_snapshot_dropped']
    LOOP
        EXECUTE format('ALTER TABLE registry.%I OWNER TO sparr_owner', t);
        EXECUTE format('REVOKE ALL ON registry.%I FROM PUBLIC', t);
        EXECUTE format('GRANT SELECT ON registry.%I TO sparr_api, sparr_auditor', t);
    END LOOP;
    -- Dropping is the operator's act, under the owner's rights: the service only reads that it was done.
    FOREACH t IN ARRAY ARRAY['erasure', 'erasure_state', 'erasure_subject', 'entry_tombstone']
    LOOP
        EXECUTE format('GRANT INSERT ON registry.%I TO sparr_api', t);
    END LOOP;
END
$$;

-- A controller's own weighing of an objection to all controllers stands in its own list.
GRANT SELECT ON registry.register_snapshot_dropped, registry.objection_assessment TO sparr_lookup;

ALTER TABLE registry.entry_tombstone ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry.entry_tombstone FORCE ROW LEVEL SECURITY;
CREATE POLICY declared ON registry.entry_tombstone TO PUBLIC
    USING (controller_no = ANY ((SELECT current_setting('sparr.controllers')::int4[])::int4[]))
    WITH CHECK (controller_no = ANY ((SELECT current_setting('sparr.controllers')::int4[])::int4[]));
