"""Bringing a database to this version's schema, and giving the service roles their logins."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.storage.database import SERVICE_ROLES, async_url

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_ENTRANCE = text("""
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO sparr_api, sparr_lookup, sparr_auditor, sparr_journal, '
                   'sparr_shredder', current_database());
END
$$
""")
_WAIT = text("SET statement_timeout = '60s'")
_LOCK = text("SELECT pg_advisory_lock(7229001)")
_TABLE = text("SELECT to_regclass('ops.schema_revision') IS NOT NULL")
_REVISION = text("SELECT version_num FROM ops.schema_revision")
_LOGIN = "ALTER ROLE {role} LOGIN PASSWORD '{password}'"


def expected_revision() -> str:
    """The schema revision that this code was written for: its newest migration."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("*.py"))


async def migrate(url: str, passwords: Mapping[str, str]) -> None:
    """Run what is missing, close the database to everybody but the service roles, and set the passwords of
    those that log in. Repeating it changes nothing, and of several runners at once each waits its turn: for
    the lock, which ends with the connection, at most a minute.

    `url` names a superuser (an event trigger is nobody else's to make); the service never uses it. Passwords
    are ours (hexadecimal), so that they can stand in a statement that takes no parameters.
    """
    engine = create_async_engine(async_url(url), poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            await connection.execute(_WAIT)
            await connection.execute(_LOCK)
            if await _revision(connection) != expected_revision():
                await connection.run_sync(_upgrade)
            await connection.execute(_ENTRANCE)
            for role in SERVICE_ROLES:
                password = passwords[role]
                if not password.isalnum():
                    raise ValueError("a role password has characters that a statement cannot take")
                await connection.execute(text(_LOGIN.format(role=role, password=password)))
            await connection.commit()
    finally:
        await engine.dispose()


async def _revision(connection: AsyncConnection) -> str | None:
    """The revision of the database; None for one that is still empty."""
    if not (await connection.execute(_TABLE)).scalar_one():
        return None
    return str((await connection.execute(_REVISION)).scalar_one_or_none())


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a quarter of a second that most starts can do without
    from alembic.config import Config  # noqa: PLC0415 - as above

    connection.rollback()
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    attributes: dict[Any, Any] = config.attributes
    attributes["connection"] = connection
    command.upgrade(config, "head")


def migrate_now(url: str, passwords: Mapping[str, str]) -> None:
    """The same for callers without an event loop."""
    asyncio.run(migrate(url, passwords))
