-- How many of the guards are missing or are not what was migrated. Each counts what must not be there.
WITH ours AS (
    SELECT c.oid, c.relname, c.relkind, c.relowner, c.relrowsecurity AND c.relforcerowsecurity AS forced
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('registry', 'vault') AND c.relkind IN ('r', 'p', 'v')
), strict AS (
    -- Whoever declared nothing fails, and whoever declared others sees none of these.
    SELECT p.polrelid AS oid,
           p.polcmd = '*' AND p.polpermissive AND p.polroles = '{0}'
           AND pg_get_expr(p.polqual, p.polrelid) LIKE told.form
           AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE told.form AS good
    FROM pg_catalog.pg_policy p
    CROSS JOIN (SELECT '(controller_no = ANY (( SELECT (current_setting(''sparr.controllers''::text))::integer[] %'
                || ')::integer[]))' AS form) told
)
SELECT (SELECT count(*) FROM unnest(CAST(:guarded AS text[])) AS g (name)
        LEFT JOIN ours o ON o.relname = g.name
        WHERE NOT coalesce(o.forced, false) OR NOT EXISTS (SELECT FROM strict s WHERE s.oid = o.oid))
     + (SELECT count(*) FROM strict s JOIN pg_catalog.pg_class c ON c.oid = s.oid
        WHERE NOT s.good OR NOT (c.relrowsecurity AND c.relforcerowsecurity))
     + (SELECT count(*) FROM ours o WHERE pg_get_userbyid(o.relowner) <> 'sparr_owner')
     -- A trigger or a rule could change what is inserted, or quietly leave it out.
     + (SELECT count(*) FROM pg_catalog.pg_trigger t JOIN ours o ON o.oid = t.tgrelid WHERE NOT t.tgisinternal)
     + (SELECT count(*) FROM pg_catalog.pg_rewrite r JOIN ours o ON o.oid = r.ev_class WHERE o.relkind <> 'v')
     + (SELECT 1 - count(*) FROM pg_catalog.pg_event_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.evtfoid
        WHERE t.evtname = 'sparr_refuse_definitions' AND t.evtenabled IN ('O', 'A')
          AND t.evtevent = 'ddl_command_start' AND t.evttags IS NULL
          AND f.prosrc LIKE '%RAISE insufficient_privilege%')
     + CASE WHEN current_setting('session_replication_role') = 'origin' THEN 0 ELSE 1 END
     + CASE WHEN current_setting('search_path') = 'pg_catalog' THEN 0 ELSE 1 END AS found
