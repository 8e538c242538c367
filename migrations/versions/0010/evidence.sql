-- Under which names an agent orders signatures. What somebody else had signed is not its to use.
CREATE TABLE registry.agent_relying_party (
    agent_id  uuid NOT NULL REFERENCES registry.party (id),
    scheme    text NOT NULL,
    subject   text NOT NULL,
    at        timestamptz NOT NULL,
    event_id  uuid NOT NULL,
    PRIMARY KEY (agent_id, scheme, subject)
);

-- A signature that was believed belongs to one mandate for ever. `evidence` is its digest under the fingerprint key.
CREATE TABLE registry.evidence_use (
    evidence    uuid PRIMARY KEY,
    mandate_id  uuid NOT NULL,
    event_id    uuid NOT NULL
);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['agent_relying_party', 'evidence_use']
    LOOP
        EXECUTE format('ALTER TABLE registry.%I OWNER TO sparr_owner', t);
        EXECUTE format('REVOKE ALL ON registry.%I FROM PUBLIC', t);
        EXECUTE format('GRANT SELECT, INSERT ON registry.%I TO sparr_api', t);
        EXECUTE format('GRANT SELECT ON registry.%I TO sparr_auditor', t);
    END LOOP;
END
$$;

-- A mandate whose eID signature failed is told apart from one rejected otherwise, like one of an agent's own key.
CREATE OR REPLACE VIEW registry.mandate_now WITH (security_invoker = true) AS
SELECT m.id, m.agent_id, m.subject, m.rights, m.controllers, m.channels, m.valid_from, m.valid_to, m.signed_at,
       m.template, m.keep_if_unknown, m.claims_digest, m.evidence_kind, m.level, m.received_at, m.sealed_id,
       m.event_id, s.state, s.ordinal,
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
