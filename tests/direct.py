"""The database as its superuser sees it: for looking behind the service, and for breaking things."""

from typing import Any

import asyncpg
from sqlalchemy.engine import make_url


async def superuser(url: str, database: str | None = None) -> Any:
    """A plain asyncpg connection to the database of a URL, or to another one of that server."""
    parsed = make_url(url)
    query = {name: str(value) for name, value in parsed.query.items()}
    return await asyncpg.connect(
        host=query["host"],
        port=int(query["port"]),
        user=parsed.username,
        password=parsed.password,
        database=database or parsed.database,
    )


async def row_counts(connection: Any) -> dict[str, int]:
    """How many rows each table of the register and the vault has."""
    tables = await connection.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_catalog.pg_tables "
        "WHERE schemaname IN ('registry', 'vault')"
    )
    names = [str(table["name"]) for table in tables]
    counting = [f"SELECT '{name}' AS name, count(*) AS rows FROM {name}" for name in names]  # noqa: S608 -- names of the catalogue
    return {row["name"]: row["rows"] for row in await connection.fetch(" UNION ALL ".join(counting))}
