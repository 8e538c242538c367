-- The journal (RFC 9162): each committed event is a leaf, in the order in which the one sequencer found it. A leaf
-- is canonical JSON and holds no value of a row, only a salted commitment to all that the event wrote.
CREATE TABLE registry.journal_leaf (
    position  int8 PRIMARY KEY,
    event_id  uuid NOT NULL UNIQUE,
    leaf      bytea NOT NULL,
    hash      bytea NOT NULL
);

-- Roots of the complete subtrees of 256, 65,536 … leaves, so that a proof reads a few rows and not the whole tree.
CREATE TABLE registry.journal_node (
    level     int2 NOT NULL,
    position  int8 NOT NULL,
    hash      bytea NOT NULL,
    PRIMARY KEY (level, position)
);

-- A signed note (C2SP) for each size at which the sequencer stopped.
CREATE TABLE registry.journal_checkpoint (
    size  int8 PRIMARY KEY,
    root  bytea NOT NULL,
    at    timestamptz NOT NULL,
    note  text NOT NULL
);

-- What opens a leaf: its salt, and the digest of each row by table and key, so that an altered row can be named. It
-- lies in the vault because without it a leaf says nothing about any row.
CREATE TABLE vault.journal_opening (
    event_id  uuid PRIMARY KEY,
    salt      bytea NOT NULL,
    rows      bytea NOT NULL
);

-- The sequencer and the verifier find the rows of an event. Ids of events grow with time, so that these indexes are
-- written at their end only.
CREATE INDEX party_of_event ON registry.party (event_id);
CREATE INDEX party_state_of_event ON registry.party_state (event_id);
CREATE INDEX agent_key_of_event ON registry.agent_key (event_id);
CREATE INDEX acts_for_of_event ON registry.acts_for (event_id);
CREATE INDEX credential_of_event ON registry.credential (event_id);
CREATE INDEX credential_revocation_of_event ON registry.credential_revocation (event_id);
CREATE INDEX idempotency_of_event ON registry.idempotency (event_id);
CREATE INDEX controller_version_of_event ON registry.controller_version (event_id);
CREATE INDEX controller_policy_of_event ON registry.controller_policy (event_id);
CREATE INDEX holder_trait_of_event ON registry.holder_trait (event_id);
CREATE INDEX entry_of_event ON registry.entry (event_id);
CREATE INDEX entry_state_of_event ON registry.entry_state (event_id);
CREATE INDEX entry_release_of_event ON registry.entry_release (event_id);
CREATE INDEX intake_connection_of_event ON registry.intake_connection (event_id);
CREATE INDEX intake_revocation_of_event ON registry.intake_revocation (event_id);
CREATE INDEX intake_message_of_event ON registry.intake_message (event_id);
CREATE INDEX entry_wish_of_event ON registry.entry_wish (event_id);
CREATE INDEX opt_out_import_of_event ON registry.opt_out_import (event_id);
CREATE INDEX opt_out_import_revert_of_event ON registry.opt_out_import_revert (event_id);
CREATE INDEX mandate_of_event ON registry.mandate (event_id);
CREATE INDEX mandate_check_of_event ON registry.mandate_check (event_id);
CREATE INDEX mandate_state_of_event ON registry.mandate_state (event_id);
CREATE INDEX objection_of_event ON registry.objection (event_id);
CREATE INDEX objection_identifier_of_event ON registry.objection_identifier (event_id);
CREATE INDEX objection_state_of_event ON registry.objection_state (event_id);
CREATE INDEX consent_of_event ON registry.consent (event_id);
CREATE INDEX relationship_of_event ON registry.relationship (event_id);
CREATE INDEX fact_end_of_event ON registry.fact_end (event_id);
CREATE INDEX objection_assessment_of_event ON registry.objection_assessment (event_id);
CREATE INDEX register_snapshot_of_event ON registry.register_snapshot (event_id);
CREATE INDEX agent_relying_party_of_event ON registry.agent_relying_party (event_id);
CREATE INDEX entry_tombstone_of_event ON registry.entry_tombstone (event_id);
CREATE INDEX erasure_of_event ON registry.erasure (event_id);
CREATE INDEX erasure_state_of_event ON registry.erasure_state (event_id);
CREATE INDEX evidence_use_of_event ON registry.evidence_use (event_id);
CREATE INDEX register_snapshot_dropped_of_event ON registry.register_snapshot_dropped (event_id);
CREATE INDEX entry_key_of_entry ON registry.entry_key (entry_id);
CREATE INDEX fact_key_of_fact ON registry.fact_key (fact_id);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['registry.journal_leaf', 'registry.journal_node', 'registry.journal_checkpoint',
                             'vault.journal_opening']
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO sparr_owner', t);
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', t);
        EXECUTE format('GRANT SELECT, INSERT ON %s TO sparr_journal', t);
        EXECUTE format('GRANT SELECT ON %s TO sparr_api, sparr_auditor', t);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA vault TO sparr_journal;
GRANT SELECT ON
    registry.party,
    registry.party_state,
    registry.agent_key,
    registry.acts_for,
    registry.credential,
    registry.credential_revocation,
    registry.idempotency,
    registry.controller_version,
    registry.controller_policy,
    registry.holder_trait,
    registry.entry,
    registry.entry_state,
    registry.entry_release,
    registry.intake_connection,
    registry.intake_revocation,
    registry.intake_message,
    registry.entry_wish,
    registry.opt_out_import,
    registry.opt_out_import_revert,
    registry.mandate,
    registry.mandate_check,
    registry.mandate_state,
    registry.objection,
    registry.objection_identifier,
    registry.objection_state,
    registry.consent,
    registry.relationship,
    registry.fact_end,
    registry.objection_assessment,
    registry.register_snapshot,
    registry.holder,
    registry.entry_key,
    registry.fact_key,
    registry.mandate_identifier,
    registry.objection_controller,
    registry.register_snapshot_ready,
    registry.agent_relying_party,
    registry.entry_tombstone,
    registry.erasure,
    registry.erasure_state,
    registry.evidence_use,
    registry.register_snapshot_dropped,
    registry.erasure_subject
TO sparr_journal;
