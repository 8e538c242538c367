-- Ownership, grants and row level security. The service inserts and selects; nothing it uses can do more.
DO $$
DECLARE
    t regclass;
BEGIN
    FOR t IN
        SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('registry', 'vault', 'ops') AND c.relkind IN ('r', 'v')
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO sparr_owner', t);
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', t);
    END LOOP;
END
$$;

GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA registry TO sparr_api;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA vault TO sparr_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON ops.assertion_seen TO sparr_api;
GRANT SELECT ON ops.schema_revision TO sparr_api, sparr_lookup;
GRANT SELECT ON ALL TABLES IN SCHEMA registry TO sparr_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA vault TO sparr_auditor;
GRANT SELECT ON registry.event TO sparr_journal;
GRANT SELECT, DELETE ON vault.subject_key TO sparr_shredder;
GRANT SELECT ON
    registry.party, registry.party_state, registry.holder, registry.acts_for, registry.credential,
    registry.credential_revocation, registry.fingerprint_key, registry.controller_version,
    registry.controller_policy, registry.holder_trait, registry.entry, registry.entry_key,
    registry.entry_state, registry.entry_release, registry.entry_now
TO sparr_lookup;

-- The cast is strict on purpose: a transaction that did not say whose rows it touches fails, and does not
-- find nothing. SET LOCAL leaves '' behind when it ends, and '' is no array either. As a subquery it is cast
-- once for each statement, not for each row.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['controller_version', 'controller_policy', 'holder_trait', 'entry', 'entry_key', 'entry_state', 'entry_release', 'lookup_note']
    LOOP
        EXECUTE format('ALTER TABLE registry.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE registry.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY declared ON registry.%I TO PUBLIC '
            'USING (controller_no = ANY ((SELECT current_setting(''sparr.controllers'')::int4[])::int4[])) '
            'WITH CHECK (controller_no = ANY ((SELECT current_setting(''sparr.controllers'')::int4[])::int4[]))',
            t);
    END LOOP;
END
$$;

-- Any login may run DROP OWNED BY itself, and thereby strip the policies and grants made to it. No role of the
-- service has business with definitions of any kind.
CREATE FUNCTION ops.refuse_definitions() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF ARRAY[session_user::text, current_user::text]
       && ARRAY['sparr_api', 'sparr_lookup', 'sparr_auditor', 'sparr_journal', 'sparr_shredder'] THEN
        RAISE insufficient_privilege USING MESSAGE = 'a role of the service defines nothing';
    END IF;
END
$$;
ALTER FUNCTION ops.refuse_definitions() OWNER TO sparr_owner;
REVOKE ALL ON FUNCTION ops.refuse_definitions() FROM PUBLIC;
CREATE EVENT TRIGGER sparr_refuse_definitions ON ddl_command_start EXECUTE FUNCTION ops.refuse_definitions();
