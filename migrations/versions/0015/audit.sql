-- What waits for an answer: few rows of many.
CREATE INDEX objection_state_open ON registry.objection_state (at)
    WHERE state IN ('pending_verification', 'contested');
CREATE INDEX mandate_state_review ON registry.mandate_state (at) WHERE state = 'needs_review';
CREATE INDEX objection_general ON registry.objection (received_at) WHERE 'art21_1' = ANY (kinds);

-- On which device a mandate was signed, as the evidence says; `device` is a digest under the fingerprint key. Many
-- grantors on one device are a reason to look.
CREATE TABLE registry.mandate_device (
    mandate_id  uuid PRIMARY KEY REFERENCES registry.mandate (id),
    device      uuid NOT NULL,
    event_id    uuid NOT NULL
);
ALTER TABLE registry.mandate_device OWNER TO sparr_owner;
REVOKE ALL ON registry.mandate_device FROM PUBLIC;
GRANT SELECT, INSERT ON registry.mandate_device TO sparr_api;
GRANT SELECT ON registry.mandate_device TO sparr_auditor, sparr_journal;
CREATE INDEX mandate_device_of_event ON registry.mandate_device (event_id);
