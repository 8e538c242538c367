-- Roles belong to the whole server, so they may already be there from another database of it.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['sparr_owner', 'sparr_shredder', 'sparr_journal', 'sparr_auditor', 'sparr_api', 'sparr_lookup']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', wanted);
        END IF;
        EXECUTE format('ALTER ROLE %I SET search_path = pg_catalog', wanted);
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

CREATE SCHEMA registry AUTHORIZATION sparr_owner;
CREATE SCHEMA vault AUTHORIZATION sparr_owner;
ALTER SCHEMA ops OWNER TO sparr_owner;

GRANT USAGE ON SCHEMA registry TO sparr_api, sparr_lookup, sparr_auditor, sparr_journal;
GRANT USAGE ON SCHEMA vault TO sparr_api, sparr_auditor, sparr_shredder;
GRANT USAGE ON SCHEMA ops TO sparr_api, sparr_lookup;
