"""The tables as the code knows them are the tables as they were migrated: all of them, column by column."""

import re
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql.base import PGDialect

from app.storage.tables import METADATA
from tests.architecture.repository import files_of, place
from tests.direct import superuser

COLUMNS = """
SELECT format('%s.%s', n.nspname, c.relname) AS table, a.attname::text AS column,
       format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary
               AND a.attnum = ANY (i.indkey)) AS key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname IN ('registry', 'vault', 'ops') AND c.relkind IN ('r', 'p') AND c.relname <> 'schema_revision'
"""
SPELLING = {
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "DOUBLE PRECISION": "double precision",
}
Column = tuple[str, bool, bool]


def declared() -> dict[tuple[str, str], Column]:
    """Type, nullability and place in the key of every column that the code declares."""
    dialect: Any = PGDialect()  # type: ignore[no-untyped-call]
    found: dict[tuple[str, str], Column] = {}
    for table in METADATA.tables.values():
        for column in table.columns:
            spelled = column.type.compile(dialect)
            kind = SPELLING.get(spelled, spelled.lower())
            found[f"{table.schema}.{table.name}", column.name] = (
                kind,
                bool(column.nullable),
                column.primary_key,
            )
    return found


async def migrated(connection: Any) -> dict[tuple[str, str], Column]:
    rows = await connection.fetch(COLUMNS)
    return {(row["table"], row["column"]): (row["type"], row["nullable"], row["key"]) for row in rows}


async def test_the_tables_of_the_code_are_those_of_the_database(database_url: str) -> None:
    connection = await superuser(database_url)
    found = await migrated(connection)
    await connection.close()
    assert declared() == found
    assert len(found) > 150


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE registry.entry ADD COLUMN other int",
        "ALTER TABLE registry.entry ALTER COLUMN binding DROP NOT NULL",
        "ALTER TABLE registry.entry ALTER COLUMN level TYPE int4",
        "ALTER TABLE registry.lookup_note RENAME COLUMN asked TO questions",
        "ALTER TABLE registry.idempotency DROP CONSTRAINT idempotency_pkey",
        "CREATE TABLE registry.other (id uuid PRIMARY KEY)",
        "DROP TABLE ops.assertion_seen",
    ],
)
async def test_any_difference_would_be_seen(database_url: str, change: str) -> None:
    connection = await superuser(database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("DROP VIEW registry.entry_now, registry.mandate_now, registry.objection_now")
    assert declared() == await migrated(connection)
    await connection.execute(change)
    assert declared() != await migrated(connection)
    await transaction.rollback()
    await connection.close()


STARS = re.compile(r"\b(SELECT|RETURNING)\s+(DISTINCT\s+)?\*|\b\w+\.\*", re.IGNORECASE)
INSERT_WITHOUT_COLUMNS = re.compile(r"\bINSERT\s+INTO\s+[\w.]+\s+(VALUES|SELECT)\b", re.IGNORECASE)


def test_migrations_name_every_column() -> None:
    """A view of `*` keeps the columns of the day on which it was made, and cannot be replaced in place."""
    scripts = files_of("migrations", suffixes=(".sql", ".py"))
    texts = {str(place(path)): path.read_text(encoding="utf-8") for path in scripts}
    assert [name for name, said in texts.items() if STARS.search(said)] == []
    assert [name for name, said in texts.items() if INSERT_WITHOUT_COLUMNS.search(said)] == []
    assert len(texts) >= 8


@pytest.mark.parametrize(
    "said", ["SELECT * FROM a", "SELECT m.*, s.state FROM a", "INSERT INTO a VALUES (1)"]
)
def test_a_statement_that_leaves_them_out_would_be_seen(said: str) -> None:
    assert STARS.search(said) or INSERT_WITHOUT_COLUMNS.search(said)
