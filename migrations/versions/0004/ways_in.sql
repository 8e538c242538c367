-- A connection is found by its id before anybody knows whose it is, so it stands with the parties. Its secrets are
-- sealed in the vault under the registry's own subject.
CREATE TABLE registry.intake_connection (
    id             uuid PRIMARY KEY,
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    source         text NOT NULL,
    sealed_id      uuid NOT NULL,
    created_at     timestamptz NOT NULL,
    event_id       uuid NOT NULL
);

-- What was taken in once is not taken in again. message_id is the provider's own id under the fingerprint key.
CREATE TABLE registry.intake_message (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    connection_id  uuid NOT NULL,
    message_id     uuid NOT NULL,
    meaning        text NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, connection_id, message_id)
);

-- Every act that wanted an entry, also those that found it standing: an entry that somebody else wanted as well is
-- not ended by taking an import back.
CREATE TABLE registry.entry_wish (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    entry_id       uuid NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, entry_id, event_id)
);
CREATE INDEX entry_wish_event ON registry.entry_wish (controller_no, event_id);

-- A file of opt-outs that came in whole, in figures, and that it was taken back.
CREATE TABLE registry.opt_out_import (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    id             uuid NOT NULL,
    layout         text NOT NULL,
    rows           int4 NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, id)
);

CREATE TABLE registry.opt_out_import_revert (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    import_id      uuid NOT NULL,
    at             timestamptz NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, import_id)
);

ALTER TABLE registry.intake_connection OWNER TO sparr_owner;
REVOKE ALL ON registry.intake_connection FROM PUBLIC;
GRANT SELECT, INSERT ON registry.intake_connection TO sparr_api;
GRANT SELECT ON registry.intake_connection TO sparr_auditor;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['intake_message', 'entry_wish', 'opt_out_import', 'opt_out_import_revert']
    LOOP
        EXECUTE format('ALTER TABLE registry.%I OWNER TO sparr_owner', t);
        EXECUTE format('REVOKE ALL ON registry.%I FROM PUBLIC', t);
        EXECUTE format('GRANT SELECT, INSERT ON registry.%I TO sparr_api', t);
        EXECUTE format('GRANT SELECT ON registry.%I TO sparr_auditor', t);
        EXECUTE format('ALTER TABLE registry.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE registry.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY declared ON registry.%I TO PUBLIC '
            'USING (controller_no = ANY ((SELECT current_setting(''sparr.controllers'')::int4[])::int4[])) '
            'WITH CHECK (controller_no = ANY ((SELECT current_setting(''sparr.controllers'')::int4[])::int4[]))',
            t);
    END LOOP;
END
$$;
