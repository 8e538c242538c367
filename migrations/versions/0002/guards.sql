-- The tables of this revision get the owner, the grants and the row level security of those of the first.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['consent', 'relationship', 'fact_key', 'fact_end', 'objection_assessment']
    LOOP
        EXECUTE format('ALTER TABLE registry.%I OWNER TO sparr_owner', t);
        EXECUTE format('REVOKE ALL ON registry.%I FROM PUBLIC', t);
        EXECUTE format('GRANT SELECT, INSERT ON registry.%I TO sparr_api', t);
        EXECUTE format('GRANT SELECT ON registry.%I TO sparr_auditor', t);
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

GRANT SELECT ON registry.consent, registry.relationship, registry.fact_key, registry.fact_end TO sparr_lookup;
