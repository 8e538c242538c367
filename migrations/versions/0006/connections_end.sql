-- The end of a connection to a provider: a row beside it, as nothing is changed. It stands with the connection, which
-- is found before anybody knows whose it is.
CREATE TABLE registry.intake_revocation (
    connection_id  uuid PRIMARY KEY REFERENCES registry.intake_connection (id),
    at             timestamptz NOT NULL,
    event_id       uuid NOT NULL
);

ALTER TABLE registry.intake_revocation OWNER TO sparr_owner;
REVOKE ALL ON registry.intake_revocation FROM PUBLIC;
GRANT SELECT, INSERT ON registry.intake_revocation TO sparr_api;
GRANT SELECT ON registry.intake_revocation TO sparr_auditor;
