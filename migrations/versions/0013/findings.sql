-- What was found when a mandate was checked again. What was found first stays in mandate_check.
CREATE TABLE registry.mandate_finding (
    mandate_id  uuid NOT NULL REFERENCES registry.mandate (id),
    ordinal     int4 NOT NULL,
    level       int2 NOT NULL,
    checks      jsonb NOT NULL,
    at          timestamptz NOT NULL,
    event_id    uuid NOT NULL,
    PRIMARY KEY (mandate_id, ordinal)
);

ALTER TABLE registry.mandate_finding OWNER TO sparr_owner;
REVOKE ALL ON registry.mandate_finding FROM PUBLIC;
GRANT SELECT, INSERT ON registry.mandate_finding TO sparr_api;
GRANT SELECT ON registry.mandate_finding TO sparr_auditor, sparr_journal;
CREATE INDEX mandate_finding_of_event ON registry.mandate_finding (event_id);

-- The level that an entry has from this state on, where its mandate came to be trusted further.
ALTER TABLE registry.entry_state ADD COLUMN level int2;

-- A mandate has the level of the newest finding.
CREATE OR REPLACE VIEW registry.mandate_now WITH (security_invoker = true) AS
SELECT m.id, m.agent_id, m.subject, m.rights, m.controllers, m.channels, m.valid_from, m.valid_to, m.signed_at,
       m.template, m.keep_if_unknown, m.claims_digest, m.evidence_kind,
       coalesce((SELECT f.level FROM registry.mandate_finding f WHERE f.mandate_id = m.id
                 ORDER BY f.ordinal DESC LIMIT 1), m.level) AS level,
       m.received_at, m.sealed_id, m.event_id, s.state, s.ordinal,
       EXISTS (SELECT FROM registry.mandate_check c WHERE c.mandate_id = m.id
               AND c.outcome = 'failed'
               AND (c.code IN ('EVIDENCE_KEY', 'EVIDENCE_SIGNATURE') OR c.code LIKE 'BANKID\_%')) AS signature_failed,
       ARRAY(SELECT i.fingerprint FROM registry.mandate_identifier i
             WHERE i.mandate_id = m.id AND i.grantor) AS grantor,
       ARRAY(SELECT i.fingerprint FROM registry.mandate_identifier i
             WHERE i.mandate_id = m.id AND NOT i.grantor) AS proven
FROM registry.mandate m
CROSS JOIN LATERAL (SELECT x.state, x.ordinal FROM registry.mandate_state x
                    WHERE x.mandate_id = m.id ORDER BY x.ordinal DESC LIMIT 1) s;

-- Which mandates have been contested for long.
CREATE INDEX mandate_state_contested ON registry.mandate_state (at) WHERE state = 'contested';
