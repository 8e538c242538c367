-- Every fact of the schema, one line each.
WITH tables AS (
    SELECT c.*, format('%s.%s', n.nspname, c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('registry', 'vault', 'ops') AND c.relkind <> 'i'
), granted AS (
    SELECT 'relation ' || t.name AS what, (aclexplode(t.relacl)).* FROM tables t
    UNION ALL SELECT 'schema ' || nspname, (aclexplode(nspacl)).* FROM pg_namespace
              WHERE nspname IN ('registry', 'vault', 'ops') OR nspname = 'public'
    UNION ALL SELECT 'function ' || p.proname, (aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))).*
              FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('registry', 'vault', 'ops')
    UNION ALL SELECT 'column ' || t.name || '.' || a.attname, (aclexplode(a.attacl)).*
              FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
    UNION ALL SELECT 'database', (aclexplode(datacl)).* FROM pg_database WHERE datname = current_database()
)
SELECT format('owner of %s %s: %s; row security %s', CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view'
              ELSE relkind::text END, name, pg_get_userbyid(relowner),
              CASE WHEN relforcerowsecurity AND relrowsecurity THEN 'forced'
                   WHEN relrowsecurity OR relforcerowsecurity THEN 'half' ELSE 'none' END) AS fact FROM tables
UNION ALL SELECT format('column %s.%s: %s%s%s', t.name, a.attname, format_type(a.atttypid, a.atttypmod),
                        CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
                        ' default ' || pg_get_expr(d.adbin, d.adrelid))
          FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
          LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
UNION ALL SELECT format('constraint %s %s: %s', t.name, k.conname, pg_get_constraintdef(k.oid))
          FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype <> 'n'
UNION ALL SELECT format('index %s: %s', t.name, pg_get_indexdef(i.indexrelid))
          FROM tables t JOIN pg_index i ON i.indrelid = t.oid
UNION ALL SELECT format('policy %s %s: to %s, %s, using %s, check %s', t.name, p.polname, p.polroles::text, p.polcmd,
                        pg_get_expr(p.polqual, t.oid), pg_get_expr(p.polwithcheck, t.oid))
          FROM tables t JOIN pg_policy p ON p.polrelid = t.oid
UNION ALL SELECT format('view %s: %s; %s', t.name, t.reloptions::text,
                        regexp_replace(pg_get_viewdef(t.oid), '\s+', ' ', 'g'))
          FROM tables t WHERE t.relkind = 'v'
UNION ALL SELECT format('trigger %s: %s', t.name, pg_get_triggerdef(g.oid))
          FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
UNION ALL SELECT format('function %s: owner %s; %s', p.proname, pg_get_userbyid(p.proowner),
                        regexp_replace(pg_get_functiondef(p.oid), '\s+', ' ', 'g'))
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('registry', 'vault', 'ops')
UNION ALL SELECT format('event trigger %s: %s %s %s', evtname, evtevent, evtfoid::regproc, evtenabled)
          FROM pg_event_trigger
UNION ALL SELECT format('schema %s: owner %s', nspname, pg_get_userbyid(nspowner))
          FROM pg_namespace WHERE nspname IN ('registry', 'vault', 'ops')
UNION ALL SELECT format('role %s: login %s, inherit %s, super %s, more %s; %s', rolname, rolcanlogin, rolinherit,
                        rolsuper, rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls, rolconfig::text)
          FROM pg_roles WHERE rolname LIKE 'sparr\_%' AND rolname <> current_user
UNION ALL SELECT format('member of %s: %s', pg_get_userbyid(roleid), pg_get_userbyid(member))
          FROM pg_auth_members WHERE pg_get_userbyid(member) LIKE 'sparr\_%'
UNION ALL SELECT format('grant on %s to %s: %s', what, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE
                        pg_get_userbyid(grantee) END,
                        string_agg(privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, ', '
                                   ORDER BY privilege_type))
          FROM granted WHERE grantee = 0 OR pg_get_userbyid(grantee) NOT IN
               ('sparr_owner', 'pg_database_owner', current_user) GROUP BY what, grantee
