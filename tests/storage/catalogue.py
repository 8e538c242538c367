"""The rules that let a list move to a shard whole, read from the catalogue of a plain PostgreSQL.

Each rule is a query that returns what breaks it. A table with `controller_no` belongs to a controller, unless
it stands in one of the two other families.
"""

from typing import Any

REFERENCE = [
    "event",
    "party",
    "holder",
    "party_state",
    "agent_key",
    "acts_for",
    "agent_relying_party",
    "credential",
    "credential_revocation",
    "idempotency",
    "fingerprint_key",
    "register_snapshot",
    "register_snapshot_ready",
    "register_entry",
    "register_snapshot_dropped",
    "erasure",
    "erasure_state",
    "erasure_subject",
    "intake_connection",
    "intake_revocation",
    "journal_leaf",
    "journal_node",
    "journal_checkpoint",
]
"""Read by every family, and small but for the imported registers."""

MANDATES = [
    "mandate",
    "mandate_identifier",
    "mandate_check",
    "mandate_state",
    "evidence_use",
    "mandate_finding",
    "mandate_device",
    "objection",
    "objection_controller",
    "objection_identifier",
    "objection_state",
]
"""A family of its own; an entry carries its ids without a foreign key."""

_TABLES = """
WITH tables AS (
    SELECT c.oid, c.relname::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS guarded,
           (SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'controller_no'
            AND NOT a.attisdropped) AS controller,
           CASE WHEN c.relname = ANY ($1) THEN 'reference' WHEN c.relname = ANY ($2) THEN 'mandates'
                WHEN n.nspname = 'registry' THEN 'controller' ELSE n.nspname END AS family
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('registry', 'vault', 'ops') AND c.relkind IN ('r', 'p', 'f', 'm', 'S')
)
"""

_OF_CONTROLLERS = "SELECT name FROM tables WHERE family = 'controller' ORDER BY 1"

RULES: dict[str, str] = {
    "a table of the register is in no family": """
        SELECT name FROM tables WHERE family = 'controller' AND controller IS NULL""",
    "controller_no may be null": """
        SELECT t.name FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = t.controller
        WHERE NOT a.attnotnull""",
    "controller_no does not lead a unique key": """
        SELECT i.indexrelid::regclass::text FROM tables t JOIN pg_index i ON i.indrelid = t.oid
        WHERE t.family = 'controller' AND i.indisunique AND i.indkey[0] IS DISTINCT FROM t.controller""",
    "an index beside the key begins with controller_no": """
        SELECT i.indexrelid::regclass::text FROM tables t JOIN pg_index i ON i.indrelid = t.oid
        WHERE t.family = 'controller' AND NOT i.indisprimary AND i.indkey[0] = t.controller""",
    "there is no primary key": """
        SELECT name FROM tables t WHERE NOT EXISTS (SELECT FROM pg_index i
                                                    WHERE i.indrelid = t.oid AND i.indisprimary)""",
    "an id is no uuid": """
        SELECT t.name || '.' || a.attname FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
        WHERE (a.attname = 'id' OR a.attname LIKE '%\\_id') AND a.attnum > 0 AND NOT a.attisdropped
          AND a.atttypid <> 'uuid'::regtype
          AND (t.name, a.attname) <> ('entry', 'service_id')""",
    "a number comes from a sequence": """
        SELECT s.seqrelid::regclass::text FROM pg_sequence s
        UNION ALL SELECT t.name || '.' || a.attname FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
        WHERE a.attidentity <> '' OR a.attgenerated <> ''""",
    "a foreign key leaves its family": """
        SELECT k.conname::text FROM pg_constraint k JOIN tables s ON s.oid = k.conrelid
        JOIN tables t ON t.oid = k.confrelid
        WHERE k.contype = 'f' AND t.family <> 'reference' AND t.family <> s.family""",
    "a foreign key of a controller's table leaves the controller out": """
        SELECT k.conname::text FROM pg_constraint k JOIN tables s ON s.oid = k.conrelid
        JOIN tables t ON t.oid = k.confrelid
        WHERE k.contype = 'f' AND s.family = 'controller' AND t.family = 'controller'
          AND NOT (s.controller = ANY (k.conkey) AND t.controller = ANY (k.confkey))""",
    "a trigger or a rule changes what a statement does": """
        SELECT g.tgname::text FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
        UNION ALL SELECT r.rulename::text FROM tables t JOIN pg_rewrite r ON r.ev_class = t.oid""",
    "a constraint can be deferred": """
        SELECT k.conname::text FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid
        WHERE k.condeferrable""",
    "an extension is needed": "SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'",
    "a table inherits or is spread": """
        SELECT t.name FROM tables t JOIN pg_inherits i ON t.oid IN (i.inhrelid, i.inhparent)
        UNION ALL SELECT t.name FROM tables t JOIN pg_partitioned_table p ON p.partrelid = t.oid""",
    "a table of a controller has no forced row level security": """
        SELECT name FROM tables WHERE family = 'controller' AND NOT guarded""",
    "a table with controller_no in its primary key has no policy": """
        SELECT t.name FROM tables t JOIN pg_index i ON i.indrelid = t.oid
        WHERE i.indisprimary AND t.controller = ANY (i.indkey::int2[]) AND t.family = 'controller'
          AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid)""",
    "a policy is not the one for everybody": """
        SELECT t.name FROM tables t JOIN pg_policy p ON p.polrelid = t.oid
        WHERE (p.polname, p.polpermissive, p.polcmd::text) <> ('declared', true, '*')
           OR p.polroles <> '{0}'::oid[]
           OR pg_get_expr(p.polqual, t.oid) IS DISTINCT FROM pg_get_expr(p.polwithcheck, t.oid)
           OR pg_get_expr(p.polqual, t.oid) NOT LIKE '%controller_no = ANY%sparr.controllers''::text)%'
           OR pg_get_expr(p.polqual, t.oid) LIKE '%, true)%'""",
}


async def breaches(connection: Any) -> dict[str, list[str]]:
    """What breaks each rule, of the rules that are broken."""
    found: dict[str, list[str]] = {}
    for rule, query in RULES.items():
        arguments = [REFERENCE, MANDATES] if "tables" in query else []
        sql = f"{_TABLES} {query}" if arguments else query
        rows = await connection.fetch(sql, *arguments)
        if rows:
            found[rule] = sorted(row[0] for row in rows)
    return found


async def controller_tables(connection: Any) -> list[str]:
    """The tables that belong to a controller."""
    return [
        row["name"] for row in await connection.fetch(f"{_TABLES} {_OF_CONTROLLERS}", REFERENCE, MANDATES)
    ]
