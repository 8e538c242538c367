"""What somebody who stole a service role's login might try: each statement must be refused."""

from collections.abc import Iterator
from typing import Any

import asyncpg

from tests.storage.logins import Relation

NO_RIGHT = "42501"

ON_A_TABLE = {
    "update": "UPDATE {name} SET {column} = {column}",
    "update nothing": "UPDATE {name} SET {column} = {column} WHERE false",
    "delete": "DELETE FROM {name}",
    "delete nothing": "DELETE FROM {name} WHERE false",
    "truncate": "TRUNCATE {name} CASCADE",
    "merge": "MERGE INTO {name} USING (SELECT 1) AS s ON true WHEN MATCHED THEN DELETE",
    "upsert": "INSERT INTO {name} SELECT * FROM {name} LIMIT 0"
    " ON CONFLICT ON CONSTRAINT {key} DO UPDATE SET {column} = EXCLUDED.{column}",
    "lock rows": "SELECT * FROM {name} LIMIT 0 FOR UPDATE",
    "lock": "LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE",
    "copy from a file": "COPY {name} FROM '/dev/null'",
    "copy from a program": "COPY {name} FROM PROGRAM 'true'",
    "copy to a file": "COPY {name} TO '/dev/null'",
    "drop": "DROP TABLE {name} CASCADE",
    "rename": "ALTER TABLE {name} RENAME TO other",
    "move": "ALTER TABLE {name} SET SCHEMA public",
    "add a column": "ALTER TABLE {name} ADD COLUMN other int",
    "drop a column": "ALTER TABLE {name} DROP COLUMN {column} CASCADE",
    "own": "ALTER TABLE {name} OWNER TO {role}",
    "disable row security": "ALTER TABLE {name} DISABLE ROW LEVEL SECURITY",
    "unforce row security": "ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY",
    "drop the policy": "DROP POLICY declared ON {name}",
    "alter the policy": "ALTER POLICY declared ON {name} USING (true)",
    "add a policy": "CREATE POLICY other ON {name} USING (true)",
    "add a trigger": "CREATE TRIGGER other BEFORE INSERT ON {name} FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "add a rule": "CREATE RULE other AS ON INSERT TO {name} DO INSTEAD NOTHING",
    "add an index": "CREATE INDEX other ON {name} ({column})",
    "drop the key": "ALTER TABLE {name} DROP CONSTRAINT {key} CASCADE",
    "grant": "GRANT ALL ON {name} TO {role}",
    "grant to all": "GRANT SELECT ON {name} TO PUBLIC",
    "comment": "COMMENT ON TABLE {name} IS 'other'",
    "reindex": "REINDEX TABLE {name}",
    "inherit": "CREATE TABLE public.other () INHERITS ({name})",
}

ON_A_VIEW = {
    "update": "UPDATE {name} SET {column} = {column}",
    "delete": "DELETE FROM {name}",
    "drop": "DROP VIEW {name} CASCADE",
    "replace": "CREATE OR REPLACE VIEW {name} AS SELECT 1 AS {column}",
    "own": "ALTER VIEW {name} OWNER TO {role}",
    "read as the owner": "ALTER VIEW {name} SET (security_invoker = false)",
    "grant": "GRANT ALL ON {name} TO {role}",
}

ANYWHERE = [
    "CREATE TABLE registry.other ()",
    "CREATE TABLE vault.other ()",
    "CREATE TABLE ops.other ()",
    "CREATE TABLE public.other ()",
    "CREATE TEMP TABLE other ()",
    "CREATE TABLE public.other AS SELECT 1",
    "SELECT 1 INTO TEMP other",
    "CREATE VIEW registry.other AS SELECT 1",
    "CREATE TEMP VIEW other AS SELECT 1",
    "CREATE MATERIALIZED VIEW public.other AS SELECT 1",
    "CREATE SEQUENCE registry.other",
    "CREATE TEMP SEQUENCE other",
    "CREATE FUNCTION registry.other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION public.other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION pg_temp.other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION pg_catalog.other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE PROCEDURE registry.other() LANGUAGE sql AS 'SELECT 1'",
    "CREATE TYPE public.other AS (a int)",
    "CREATE DOMAIN public.other AS int",
    "CREATE CAST (text AS int4) WITH INOUT",
    "CREATE OPERATOR public.=== (leftarg = int, rightarg = int, function = int4eq)",
    "CREATE SCHEMA other",
    "CREATE SCHEMA other AUTHORIZATION {role}",
    "ALTER SCHEMA registry OWNER TO {role}",
    "ALTER SCHEMA registry RENAME TO other",
    "DROP SCHEMA registry CASCADE",
    "GRANT CREATE ON SCHEMA registry TO {role}",
    "CREATE EXTENSION pgcrypto",
    "CREATE LANGUAGE other HANDLER plpgsql_call_handler",
    "CREATE PUBLICATION other FOR ALL TABLES",
    "CREATE EVENT TRIGGER other ON ddl_command_start EXECUTE FUNCTION ops.refuse_definitions()",
    "ALTER EVENT TRIGGER sparr_refuse_definitions DISABLE",
    "DROP EVENT TRIGGER sparr_refuse_definitions",
    "DROP FUNCTION ops.refuse_definitions() CASCADE",
    "ALTER FUNCTION ops.refuse_definitions() OWNER TO {role}",
    "DROP OWNED BY {role}",
    "DROP OWNED BY sparr_owner",
    "REASSIGN OWNED BY sparr_owner TO {role}",
    "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC",
    "CREATE ROLE other",
    "DROP ROLE sparr_auditor",
    "ALTER ROLE {role} SUPERUSER",
    "ALTER ROLE {role} BYPASSRLS",
    "ALTER ROLE {role} CREATEROLE",
    "ALTER ROLE sparr_owner LOGIN",
    "GRANT sparr_owner TO {role}",
    "SET ROLE sparr_owner",
    "SET ROLE sparr_super",
    "GRANT pg_write_all_data TO {role}",
    "SET event_triggers = off",
    "SET session_replication_role = replica",
    "SET allow_system_table_mods = on",
    "SET session_preload_libraries = 'other'",
    "ALTER ROLE {role} SET sparr.controllers = '{{1}}'",
    "UPDATE pg_catalog.pg_class SET relrowsecurity = false",
    "DELETE FROM pg_catalog.pg_policy",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/hostname')",
    "SELECT pg_switch_wal()",
    "SELECT pg_promote()",
    "DO $$ BEGIN EXECUTE 'DELETE FROM registry.entry'; END $$",
    "WITH gone AS (DELETE FROM registry.entry RETURNING 1) SELECT * FROM gone",
    "EXPLAIN ANALYZE DELETE FROM registry.entry",
]

ALONE = [
    "ALTER SYSTEM SET fsync = off",
    'ALTER DATABASE "{database}" SET synchronous_commit = off',
    'DROP DATABASE "{database}"',
    "CREATE DATABASE other",
    "SET SESSION AUTHORIZATION sparr_super",
    "CHECKPOINT",
]
"""These do not run within a transaction, or would say another error there."""

ALLOWED = {
    **{
        ("sparr_api", table, verb): "work in progress"
        for table in ("ops.assertion_seen", "ops.wash")
        for verb in (
            "update",
            "update nothing",
            "delete",
            "delete nothing",
            "merge",
            "upsert",
            "lock rows",
            "lock",
        )
    },
    **{
        ("sparr_shredder", "vault.subject_key", verb): "erasure"
        for verb in (
            "delete",
            "delete nothing",
            "merge",
            "lock",
        )
    },
}

OTHER_CODES = {
    # A view over a join has no row to change, whoever asks.
    ("view", "update"): "55000",
    ("view", "delete"): "55000",
}


def on_relation(relation: Relation, role: str) -> Iterator[tuple[str, str]]:
    """Verb and statement."""
    verbs = ON_A_TABLE if relation.is_table else ON_A_VIEW
    for verb, template in verbs.items():
        yield verb, template.format(name=relation.name, column=relation.column, key=relation.key, role=role)


def prepared_statement(template: str, role: str, database: str) -> str:
    return template.format(role=role, database=database)


async def code_of(session: Any, statement: str, *, alone: bool = False) -> str | None:
    """The SQLSTATE with which a statement is refused; None if it runs. It is rolled back in any case."""
    transaction = None if alone else session.transaction()
    if transaction:
        await transaction.start()
    try:
        await session.execute(statement)
    except asyncpg.PostgresError as error:
        code: str = error.sqlstate
        return code
    finally:
        if transaction:
            await transaction.rollback()
    return None
