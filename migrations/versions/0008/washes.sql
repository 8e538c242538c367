-- A file that is being washed, or was. Figures and states only: the list, the question and the answers lie in files
-- of their own, and the receipt where all receipts are. reference and list_key are the caller's reference and the
-- digest of list and question, under the fingerprint key. positions are the bytes that are done, of the list and of
-- each file that is written. claim says who works on it, and until when that may be believed.
CREATE TABLE ops.wash (
    controller_no      int4 NOT NULL REFERENCES registry.holder (controller_no),
    id                 uuid NOT NULL,
    party_id           uuid NOT NULL,
    credential_id      uuid NOT NULL,
    reference          bytea,
    list_key           bytea NOT NULL,
    recheck_of         uuid,
    media              text NOT NULL,
    state              text NOT NULL,
    code               text,
    rows               int8 NOT NULL,
    done               int8 NOT NULL,
    blocked            int8 NOT NULL,
    invalid            int8 NOT NULL,
    as_of_controller   int8,
    as_of_everybody    int8,
    decided_at         timestamptz,
    valid_until        timestamptz,
    positions          int8[] NOT NULL,
    created_at         timestamptz NOT NULL,
    ended_at           timestamptz,
    expires_at         timestamptz NOT NULL,
    claim              uuid,
    claimed_until      timestamptz NOT NULL,
    PRIMARY KEY (controller_no, id),
    UNIQUE (controller_no, reference)
);
CREATE INDEX wash_waiting ON ops.wash (claimed_until) WHERE state IN ('waiting', 'running');

ALTER TABLE ops.wash OWNER TO sparr_owner;
REVOKE ALL ON ops.wash FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON ops.wash TO sparr_api;
