-- How many roles of the service may do more than insert and select. Erasing a key row is the shredder's one right.
-- Then how many others may do more than read, and whether anybody can be the owner.
SELECT (
SELECT count(*)
FROM pg_catalog.pg_roles r
WHERE r.rolname = ANY (CAST(:roles AS text[]))
  AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication
       OR EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid)
       OR has_database_privilege(r.oid, current_database(), 'CREATE, TEMPORARY')
       OR EXISTS (SELECT FROM pg_catalog.pg_namespace n
                  WHERE n.nspname IN ('registry', 'vault', 'ops', 'public')
                    AND has_schema_privilege(r.oid, n.oid, 'CREATE'))
       OR EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname IN ('registry', 'vault') AND c.relkind IN ('r', 'p', 'v')
                    AND (has_table_privilege(r.oid, c.oid, 'UPDATE, TRUNCATE, REFERENCES, TRIGGER, MAINTAIN')
                         OR has_any_column_privilege(r.oid, c.oid, 'UPDATE, REFERENCES')
                         OR (r.rolname <> 'sparr_api'
                             AND (r.rolname <> 'sparr_journal' OR c.relname NOT IN
                                  ('journal_leaf', 'journal_node', 'journal_checkpoint', 'journal_opening'))
                             AND has_any_column_privilege(r.oid, c.oid, 'INSERT'))
                         OR (has_table_privilege(r.oid, c.oid, 'DELETE')
                             AND (r.rolname, c.relname) <> ('sparr_shredder', 'subject_key')))))
) + (
SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL
CROSS JOIN LATERAL (SELECT x.grantee, x.privilege_type FROM aclexplode(c.relacl) x
                    UNION ALL SELECT x.grantee, x.privilege_type FROM aclexplode(a.attacl) x) held
WHERE n.nspname IN ('registry', 'vault')
  AND CASE WHEN held.grantee = 0 THEN true
           ELSE pg_get_userbyid(held.grantee) <> ALL (CAST(:roles AS text[]) || 'sparr_owner'::text)
                AND held.privilege_type <> 'SELECT' END
) + (
SELECT count(*) FROM pg_catalog.pg_roles o
WHERE o.rolname = 'sparr_owner'
  AND (o.rolcanlogin OR o.rolsuper
       OR EXISTS (SELECT FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.member
                  WHERE m.roleid = o.oid AND NOT r.rolsuper))
) AS found
