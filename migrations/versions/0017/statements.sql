-- A mandate whose eID statement failed is told apart from one rejected otherwise, like one of BankID.
CREATE OR REPLACE VIEW registry.mandate_now WITH (security_invoker = true) AS
SELECT m.id, m.agent_id, m.subject, m.rights, m.controllers, m.channels, m.valid_from, m.valid_to, m.signed_at,
       m.template, m.keep_if_unknown, m.claims_digest, m.evidence_kind,
       coalesce((SELECT f.level FROM registry.mandate_finding f WHERE f.mandate_id = m.id
                 ORDER BY f.ordinal DESC LIMIT 1), m.level) AS level,
       m.received_at, m.sealed_id, m.event_id, s.state, s.ordinal,
       EXISTS (SELECT FROM registry.mandate_check c WHERE c.mandate_id = m.id
               AND c.outcome = 'failed'
               AND (c.code IN ('EVIDENCE_KEY', 'EVIDENCE_SIGNATURE')
                    OR c.code LIKE 'BANKID\_%' OR c.code LIKE 'EID\_%')) AS signature_failed,
       ARRAY(SELECT i.fingerprint FROM registry.mandate_identifier i
             WHERE i.mandate_id = m.id AND i.grantor) AS grantor,
       ARRAY(SELECT i.fingerprint FROM registry.mandate_identifier i
             WHERE i.mandate_id = m.id AND NOT i.grantor) AS proven
FROM registry.mandate m
CROSS JOIN LATERAL (SELECT x.state, x.ordinal FROM registry.mandate_state x
                    WHERE x.mandate_id = m.id ORDER BY x.ordinal DESC LIMIT 1) s;
