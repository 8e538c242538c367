-- What a person said to a controller, and what it is to it. Written once; an end is a row of its own.

CREATE TABLE registry.consent (
    id               uuid NOT NULL,
    fingerprint      uuid NOT NULL,
    sealed_id        uuid,
    event_id         uuid NOT NULL,
    given_at         timestamptz,
    recorded_at      timestamptz NOT NULL,
    version          int8 NOT NULL,
    controller_no    int4 NOT NULL REFERENCES registry.holder (controller_no),
    channels         int4 NOT NULL,
    purposes         int4 NOT NULL,
    by_person        boolean NOT NULL,
    names_controller boolean NOT NULL,
    evidenced        boolean NOT NULL,
    barred           boolean NOT NULL,
    identifier_type  text NOT NULL,
    PRIMARY KEY (controller_no, id)
);

CREATE TABLE registry.relationship (
    id                uuid NOT NULL,
    fingerprint       uuid NOT NULL,
    sealed_id         uuid,
    event_id          uuid NOT NULL,
    since             timestamptz NOT NULL,
    recorded_at       timestamptz NOT NULL,
    version           int8 NOT NULL,
    controller_no     int4 NOT NULL REFERENCES registry.holder (controller_no),
    collected_in_sale boolean NOT NULL,
    informed          boolean NOT NULL,
    could_refuse      boolean NOT NULL,
    kind              text NOT NULL,
    identifier_type   text NOT NULL,
    PRIMARY KEY (controller_no, id)
);

-- Every spelling under which a consent (kind 1) or a relationship (kind 2) is found.
CREATE TABLE registry.fact_key (
    fingerprint    uuid NOT NULL,
    fact_id        uuid NOT NULL,
    version        int8 NOT NULL,
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    kind           int2 NOT NULL,
    PRIMARY KEY (controller_no, kind, fingerprint, fact_id)
);

-- A consent that was withdrawn, a relationship that is over.
CREATE TABLE registry.fact_end (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    fact_id        uuid NOT NULL,
    ended_at       timestamptz NOT NULL,
    at             timestamptz NOT NULL,
    version        int8 NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, fact_id)
);

-- How a controller weighed a general objection (GDPR Art. 21(1)). The reasons are sealed.
CREATE TABLE registry.objection_assessment (
    controller_no  int4 NOT NULL REFERENCES registry.holder (controller_no),
    objection_id   uuid NOT NULL,
    ordinal        int4 NOT NULL,
    outcome        text NOT NULL,
    at             timestamptz NOT NULL,
    version        int8 NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (controller_no, objection_id, ordinal)
);
