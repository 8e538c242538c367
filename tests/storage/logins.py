"""Connections as the roles of the service, and what the catalogue knows of the tables."""

from secrets import token_hex
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy.engine import make_url

from app.crypto.keys import KeyRing
from app.main import passwords
from app.storage.database import SERVICE_ROLES, SESSION
from tests.direct import superuser

ROLES = ("sparr_api", "sparr_lookup", "sparr_auditor", "sparr_journal", "sparr_shredder")
SCHEMAS = ["registry", "vault", "ops"]


async def login(url: str, role: str, ring: KeyRing) -> Any:
    """A session of the role's own; a role without a login is let in for this one."""
    if role in SERVICE_ROLES:
        return await _connect(url, role, passwords(ring)[role])
    password, admin = token_hex(8), await superuser(url)
    await admin.execute(f"ALTER ROLE {role} LOGIN PASSWORD '{password}'")
    try:
        return await _connect(url, role, password)
    finally:
        await admin.execute(f"ALTER ROLE {role} NOLOGIN PASSWORD NULL")
        await admin.close()


async def _connect(url: str, role: str, password: str) -> Any:
    parsed = make_url(url)
    query = {name: str(value) for name, value in parsed.query.items()}
    place = {"host": query["host"], "port": int(query["port"]), "database": parsed.database}
    return await asyncpg.connect(**place, user=role, password=password, server_settings=SESSION)


class Relation(NamedTuple):
    name: str
    is_table: bool
    column: str
    key: str | None
    """The name of the primary key."""


_RELATIONS = """
SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind = 'r' AS is_table,
       (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum LIMIT 1)::text AS column,
       (SELECT k.conname::text FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p') AS key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'v', 'p', 'm', 'f') ORDER BY 1
"""


async def relations(connection: Any) -> list[Relation]:
    return [Relation(**dict(row)) for row in await connection.fetch(_RELATIONS, SCHEMAS)]


def select(what: str, table: str, rest: str = "") -> str:
    """A query of one table; the name comes from the catalogue, and the rest from the test."""
    return f"SELECT {what} FROM {table} {rest}"  # noqa: S608 - nothing in it comes from outside


async def row_counts(connection: Any) -> dict[str, int]:
    tables = [one.name for one in await relations(connection) if one.is_table]
    return {name: await connection.fetchval(select("count(*)", name)) for name in tables}
