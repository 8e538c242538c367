"""Bringing a database to this version's schema, and giving the service roles their logins."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
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
_LOGIN = "ALTER ROLE {role} LOGIN PASSWORD '{password}'"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def expected_revision() -> str:
    """The schema revision that this code was written for."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


async def migrate(url: str, passwords: Mapping[str, str]) -> None:
    """Run what is missing, close the database to everybody but the service roles, and set the passwords of
    those that log in. Repeating it changes nothing.

    `url` names a login that may create roles and schemas; the service itself never uses it. Passwords are
    ours (hexadecimal), so that they can stand in a statement that takes no parameters.
    """
    engine = create_async_engine(async_url(url), poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
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


def _upgrade(connection: Connection) -> None:
    config = _config()
    attributes: dict[Any, Any] = config.attributes
    attributes["connection"] = connection
    command.upgrade(config, "head")


def migrate_now(url: str, passwords: Mapping[str, str]) -> None:
    """The same for callers without an event loop."""
    asyncio.run(migrate(url, passwords))
