-- What holds now, derived from what was written. The views read with the rights of whoever asks.

CREATE VIEW registry.mandate_now WITH (security_invoker = true) AS
SELECT m.id, m.agent_id, m.subject, m.rights, m.controllers, m.channels, m.valid_from, m.valid_to, m.signed_at,
       m.template, m.keep_if_unknown, m.claims_digest, m.evidence_kind, m.level, m.received_at, m.sealed_id,
       m.event_id, s.state, s.ordinal,
       EXISTS (SELECT FROM registry.mandate_check c WHERE c.mandate_id = m.id
               AND c.code IN ('EVIDENCE_KEY', 'EVIDENCE_SIGNATURE') AND c.outcome = 'failed') AS signature_failed,
       ARRAY(SELECT i.fingerprint FROM registry.mandate_identifier i
             WHERE i.mandate_id = m.id AND i.grantor) AS grantor,
       ARRAY(SELECT i.fingerprint FROM registry.mandate_identifier i
             WHERE i.mandate_id = m.id AND NOT i.grantor) AS proven
FROM registry.mandate m
CROSS JOIN LATERAL (SELECT x.state, x.ordinal FROM registry.mandate_state x
                    WHERE x.mandate_id = m.id ORDER BY x.ordinal DESC LIMIT 1) s;

CREATE VIEW registry.objection_now WITH (security_invoker = true) AS
SELECT o.id, o.origin, o.party_id, o.mandate_id, o.subject, o.kinds, o.purposes, o.channels, o.level,
       o.declared_at, o.instructed_at, o.received_at, o.will, o.event_id, s.state, s.ordinal, s.actor_id
FROM registry.objection o
CROSS JOIN LATERAL (SELECT x.state, x.ordinal, x.actor_id FROM registry.objection_state x
                    WHERE x.objection_id = o.id ORDER BY x.ordinal DESC LIMIT 1) s;

CREATE VIEW registry.entry_now WITH (security_invoker = true) AS
SELECT e.id, e.fingerprint, e.objection_id, e.sealed_id, e.event_id, e.since, e.occurred_at, e.version,
       e.controller_no, e.channels, e.purposes, e.kind, e.level, e.binding, e.identifier_type, e.service_id,
       r.reason AS release_reason, r.at AS released_at,
       (SELECT s.state FROM registry.entry_state s WHERE s.controller_no = e.controller_no
        AND s.entry_id = e.id ORDER BY s.ordinal DESC LIMIT 1) AS state
FROM registry.entry e
LEFT JOIN registry.entry_release r ON r.controller_no = e.controller_no AND r.entry_id = e.id;
