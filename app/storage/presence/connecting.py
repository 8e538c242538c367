"""Connections of the index's own, straight from the driver: one that is asked before each answer cannot
afford a layer in between, and one that loads streams."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import asyncpg

from app.storage.standbys import refuse_unreplayed

Connection = Any
"""An asyncpg connection; the driver has no annotations."""

Connect = Callable[[Mapping[str, str]], Awaitable[Connection]]
"""Opens a connection of the lookup role with these settings on top of those that every connection has."""

DRIVER_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What the driver says of a connection that ended while it waited.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

ASKING: Final[Mapping[str, str]] = {
    "default_transaction_read_only": "on",
    "statement_timeout": "1000",
    # A few rows are read through their indexes, whether or not anybody has counted the tables (ANALYZE).
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_sort": "off",
}
_DECLARED: Final = 256
LOADING: Final[Mapping[str, str]] = {
    "default_transaction_read_only": "on",
    "default_transaction_isolation": "repeatable read",
    "statement_timeout": "0",
    "transaction_timeout": "0",
}


async def connected(arguments: Mapping[str, Any], session: Mapping[str, str]) -> Connection:
    """A connection that reads JSON as JSON. UnavailableError on a standby that is not to be read from."""
    connection = await asyncpg.connect(**arguments, server_settings=dict(session), timeout=5)
    await refuse_unreplayed(connection)
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    return connection


async def declare(connection: Connection, numbers: frozenset[int]) -> None:
    """Say which lists this connection touches from now on. It is nobody else's, so it may be said once."""
    told = ",".join(str(int(number)) for number in sorted(numbers))
    await connection.execute(f"SET sparr.controllers = '{{{told}}}'")


async def declare_also(
    connection: Connection, declared: frozenset[int], numbers: frozenset[int]
) -> frozenset[int]:
    """The same, where some lists are declared already: what is declared then, not too many at a time."""
    if numbers <= declared:
        return declared
    together = declared | numbers
    wanted = together if len(together) <= _DECLARED else numbers
    await declare(connection, wanted)
    return wanted
