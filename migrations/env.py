"""Runs the migrations: one transaction each, with short lock and statement times.

Only offline-free use: `app.storage.migrating.migrate` hands over an open connection, which holds the lock
that lets one runner in at a time. It is taken there, because Alembic itself runs once at a time in a process.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, text


def run(connection: Connection) -> None:
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '60s'"))
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS ops"))
    connection.commit()
    options: dict[str, Any] = {"transaction_per_migration": True, "version_table_schema": "ops"}
    context.configure(connection=connection, version_table="schema_revision", **options)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


run(context.config.attributes["connection"])
