"""Runs the migrations: one transaction each, short lock and statement times, one runner at a time.

Only offline-free use: `app.storage.migrating.migrate` hands over an open connection.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, text

LOCK = 7_229_001


def run(connection: Connection) -> None:
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '60s'"))
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    try:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS ops"))
        connection.commit()
        options: dict[str, Any] = {"transaction_per_migration": True, "version_table_schema": "ops"}
        context.configure(connection=connection, version_table="schema_revision", **options)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        connection.commit()


run(context.config.attributes["connection"])
