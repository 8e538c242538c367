-- Per-controller tables: controller_no leads every key, so that a list can move to a shard whole.

CREATE TABLE registry.controller_version (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    version        int8 NOT NULL,
    event_id       uuid NOT NULL,
    at             timestamptz NOT NULL,
    PRIMARY KEY (controller_no, version)
);

CREATE TABLE registry.controller_policy (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    version        int8 NOT NULL,
    policy         jsonb NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, version)
);

-- A mark that a list holds something which changes how it must be asked, such as entries known by hash alone.
CREATE TABLE registry.holder_trait (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    trait          text NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, trait)
);

CREATE TABLE registry.entry (
    id             uuid NOT NULL,
    fingerprint    uuid NOT NULL,
    objection_id   uuid,
    sealed_id      uuid,
    event_id       uuid NOT NULL,
    since          timestamptz NOT NULL,
    occurred_at    timestamptz,
    version        int8 NOT NULL,
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    channels       int4 NOT NULL,
    purposes       int4 NOT NULL,
    kind           int2 NOT NULL,
    level          int2 NOT NULL,
    binding        text NOT NULL,
    identifier_type text NOT NULL,
    service_id     text,
    PRIMARY KEY (controller_no, id)
);
CREATE INDEX entry_objection ON registry.entry (controller_no, objection_id);

-- Every spelling under which an entry is found. One row each, so that asking is one index probe each.
CREATE TABLE registry.entry_key (
    fingerprint    uuid NOT NULL,
    entry_id       uuid NOT NULL,
    version        int8 NOT NULL,
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    PRIMARY KEY (controller_no, fingerprint, entry_id)
);

CREATE TABLE registry.entry_state (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    entry_id       uuid NOT NULL,
    ordinal        int4 NOT NULL,
    state          text NOT NULL,
    at             timestamptz NOT NULL,
    version        int8 NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, entry_id, ordinal)
);

CREATE TABLE registry.entry_release (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    entry_id       uuid NOT NULL,
    reason         text NOT NULL,
    at             timestamptz NOT NULL,
    version        int8 NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, entry_id)
);

-- What was asked and answered, in figures: no identifier, in no form (GDPR Art. 5(1)(c)). The receipt is sealed,
-- because it holds a digest of the request, of which everything but one number may be known.
CREATE TABLE registry.lookup_note (
    controller_no   int4 NOT NULL REFERENCES registry.holder (controller_no),
    lookup_id       uuid NOT NULL,
    at              timestamptz NOT NULL,
    party_id        uuid NOT NULL,
    asked           int4 NOT NULL,
    blocked         int4 NOT NULL,
    receipt         bytea NOT NULL,
    PRIMARY KEY (controller_no, lookup_id)
);
