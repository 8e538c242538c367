-- Mandates and objections: a family of their own. Entries carry their ids without a foreign key.

CREATE TABLE registry.mandate (
    id             uuid PRIMARY KEY,
    agent_id       uuid NOT NULL,
    subject        uuid NOT NULL,
    rights         text[] NOT NULL,
    controllers    int4[],
    channels       int4 NOT NULL,
    valid_from     timestamptz NOT NULL,
    valid_to       timestamptz NOT NULL,
    signed_at      timestamptz NOT NULL,
    template       jsonb,
    keep_if_unknown boolean NOT NULL,
    claims_digest  text NOT NULL,
    evidence_kind  text NOT NULL,
    level          int2 NOT NULL,
    received_at    timestamptz NOT NULL,
    sealed_id      uuid NOT NULL,
    event_id       uuid NOT NULL
);
CREATE INDEX mandate_agent ON registry.mandate (agent_id, id);

CREATE TABLE registry.mandate_identifier (
    mandate_id   uuid NOT NULL REFERENCES registry.mandate (id),
    fingerprint  uuid NOT NULL,
    position     int4 NOT NULL,
    grantor      boolean NOT NULL,
    PRIMARY KEY (mandate_id, fingerprint)
);

CREATE TABLE registry.mandate_check (
    mandate_id  uuid NOT NULL REFERENCES registry.mandate (id),
    position    int4 NOT NULL,
    code        text NOT NULL,
    outcome     text NOT NULL,
    detail      text NOT NULL,
    event_id    uuid NOT NULL,
    PRIMARY KEY (mandate_id, position)
);

CREATE TABLE registry.mandate_state (
    mandate_id  uuid NOT NULL REFERENCES registry.mandate (id),
    ordinal     int4 NOT NULL,
    state       text NOT NULL,
    at          timestamptz NOT NULL,
    event_id    uuid NOT NULL,
    PRIMARY KEY (mandate_id, ordinal)
);

CREATE TABLE registry.objection (
    id             uuid PRIMARY KEY,
    origin         text NOT NULL,
    party_id       uuid NOT NULL,
    mandate_id     uuid REFERENCES registry.mandate (id),
    subject        uuid NOT NULL,
    kinds          text[] NOT NULL,
    purposes       int4 NOT NULL,
    channels       int4 NOT NULL,
    level          int2 NOT NULL,
    declared_at    timestamptz,
    instructed_at  timestamptz,
    received_at    timestamptz NOT NULL,
    will           uuid NOT NULL,
    event_id       uuid NOT NULL
);
CREATE INDEX objection_will ON registry.objection (will, id);
CREATE INDEX objection_mandate ON registry.objection (mandate_id, id);

CREATE TABLE registry.objection_controller (
    objection_id   uuid NOT NULL REFERENCES registry.objection (id),
    controller_no  int4 NOT NULL,
    PRIMARY KEY (objection_id, controller_no)
);

CREATE TABLE registry.objection_identifier (
    objection_id  uuid NOT NULL REFERENCES registry.objection (id),
    position      int4 NOT NULL,
    type          text NOT NULL,
    fingerprint   uuid NOT NULL,
    proven        boolean NOT NULL,
    warnings      text[] NOT NULL,
    sealed_id     uuid NOT NULL,
    event_id      uuid NOT NULL,
    PRIMARY KEY (objection_id, position)
);

CREATE TABLE registry.objection_state (
    objection_id  uuid NOT NULL REFERENCES registry.objection (id),
    ordinal       int4 NOT NULL,
    state         text NOT NULL,
    at            timestamptz NOT NULL,
    actor_id      uuid,
    event_id      uuid NOT NULL,
    PRIMARY KEY (objection_id, ordinal)
);
