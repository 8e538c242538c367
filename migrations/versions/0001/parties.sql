-- Who there is, what each may do, and one row for every act. Reference tables: small, read by every family.

CREATE TABLE registry.event (
    id              uuid PRIMARY KEY,
    at              timestamptz NOT NULL,
    kind            text NOT NULL,
    actor_id        uuid,
    actor_role      text,
    credential_id   uuid,
    object_id       uuid,
    request_digest  bytea,
    outcome         text NOT NULL,
    detail          jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX event_object ON registry.event (object_id, id);

CREATE TABLE registry.party (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    name        text NOT NULL,
    org_no      text NOT NULL,
    country     text NOT NULL,
    created_at  timestamptz NOT NULL,
    event_id    uuid NOT NULL
);
-- Organisation numbers are compared without their hyphens.
CREATE INDEX party_org_no ON registry.party (regexp_replace(upper(org_no), '[^0-9A-Z]', '', 'g'), kind);

-- The holder of a list of entries: a controller, a source, or 0 for "all controllers".
CREATE TABLE registry.holder (
    controller_no  int4 PRIMARY KEY,
    party_id       uuid NOT NULL UNIQUE REFERENCES registry.party (id),
    sector         text,
    public_body    boolean NOT NULL,
    purposes       int4 NOT NULL
);

CREATE TABLE registry.party_state (
    party_id  uuid NOT NULL REFERENCES registry.party (id),
    ordinal   int4 NOT NULL,
    state     text NOT NULL,
    reason    text NOT NULL,
    at        timestamptz NOT NULL,
    event_id  uuid NOT NULL,
    PRIMARY KEY (party_id, ordinal)
);

CREATE TABLE registry.agent_key (
    agent_id  uuid NOT NULL REFERENCES registry.party (id),
    kid       text NOT NULL,
    jwk       jsonb NOT NULL,
    event_id  uuid NOT NULL,
    PRIMARY KEY (agent_id, kid)
);

CREATE TABLE registry.acts_for (
    processor_id   uuid NOT NULL REFERENCES registry.party (id),
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    event_id       uuid NOT NULL,
    PRIMARY KEY (processor_id, controller_no)
);

CREATE TABLE registry.credential (
    id             uuid PRIMARY KEY,
    party_id       uuid NOT NULL REFERENCES registry.party (id),
    role           text NOT NULL,
    secret_digest  bytea NOT NULL,
    created_at     timestamptz NOT NULL,
    event_id       uuid NOT NULL
);

CREATE TABLE registry.credential_revocation (
    credential_id  uuid PRIMARY KEY REFERENCES registry.credential (id),
    at             timestamptz NOT NULL,
    event_id       uuid NOT NULL
);

CREATE TABLE registry.idempotency (
    party_id        uuid NOT NULL,
    key             text NOT NULL,
    request_digest  bytea NOT NULL,
    status          int2 NOT NULL,
    event_id        uuid NOT NULL,
    PRIMARY KEY (party_id, key)
);

CREATE TABLE registry.fingerprint_key (
    version      int4 PRIMARY KEY,
    scheme       text NOT NULL,
    check_value  text NOT NULL,
    created_at   timestamptz NOT NULL
);

CREATE TABLE ops.assertion_seen (
    jti         text PRIMARY KEY,
    expires_at  timestamptz NOT NULL
);
