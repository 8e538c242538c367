-- National registers: imported lists, each an immutable snapshot. Reference tables: they belong to no controller.

CREATE TABLE registry.register_snapshot (
    snapshot_no    int4 PRIMARY KEY,
    id             uuid NOT NULL UNIQUE,
    register_code  text NOT NULL,
    version_date   date NOT NULL,
    event_id       uuid NOT NULL
);
CREATE INDEX register_snapshot_newest ON registry.register_snapshot (register_code, version_date, snapshot_no);

-- Written last, by the transaction that loaded the list: only a snapshot with this row is ever asked.
CREATE TABLE registry.register_snapshot_ready (
    snapshot_no       int4 PRIMARY KEY REFERENCES registry.register_snapshot (snapshot_no),
    line_count        int4 NOT NULL,
    identifier_types  text[] NOT NULL,
    file_digest       bytea NOT NULL,
    at                timestamptz NOT NULL
);

-- Millions of rows. The line makes a number that stands twice in a list two rows, and no foreign key is asked
-- for each of them. Line 0 is the canary.
CREATE TABLE registry.register_entry (
    snapshot_no  int4 NOT NULL,
    fingerprint  uuid NOT NULL,
    line         int4 NOT NULL,
    flags        int2 NOT NULL,
    PRIMARY KEY (snapshot_no, fingerprint, line)
);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['register_snapshot', 'register_snapshot_ready', 'register_entry']
    LOOP
        EXECUTE format('ALTER TABLE registry.%I OWNER TO sparr_owner', t);
        EXECUTE format('REVOKE ALL ON registry.%I FROM PUBLIC', t);
        EXECUTE format('GRANT SELECT, INSERT ON registry.%I TO sparr_api', t);
        EXECUTE format('GRANT SELECT ON registry.%I TO sparr_lookup, sparr_auditor', t);
    END LOOP;
END
$$;
