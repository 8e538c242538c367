"""Connections straight from the driver are given back whole, or not at all."""

import asyncio

import pytest
from sqlalchemy import text

from app.domain.refusals import Refusal, RefusedError, StatementError, UnavailableError
from app.storage.database import Database
from tests.storage.busy import Busy

_WHO = text("SELECT pg_backend_pid() AS pid, CAST(:word AS text) AS word, CAST(:word AS text) AS again")


async def backend(database: Database) -> int:
    async with database.glance() as unit:
        row = await unit.row(_WHO, {"word": "x"})
        assert row is not None
        assert (row.word, row.again) == ("x", "x")
        return int(row.pid)


async def test_a_connection_is_used_again_after_a_refusal_and_after_a_statement_that_failed(
    busy: Busy,
) -> None:
    first = await backend(busy.database)

    async def refuse() -> None:
        async with busy.database.glance() as unit:
            await unit.rows(text("SELECT 1"))
            raise RefusedError(Refusal.NOT_FOUND)

    with pytest.raises(RefusedError):
        await refuse()
    with pytest.raises(StatementError, match="22012"):
        async with busy.database.glance() as unit:
            await unit.rows(text("SELECT 1 / 0"))
    assert await backend(busy.database) == first


async def test_a_connection_whose_question_was_given_up_is_never_used_again(busy: Busy) -> None:
    first = await backend(busy.database)

    async def wait() -> None:
        async with busy.database.glance() as unit:
            await unit.rows(text("SELECT pg_sleep(5)"))

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0.2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await backend(busy.database) != first


async def test_a_connection_that_was_ended_meanwhile_is_replaced(busy: Busy) -> None:
    first = await backend(busy.database)
    with pytest.raises(UnavailableError):
        async with busy.database.glance() as unit:
            await unit.rows(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert await backend(busy.database) != first


async def test_a_glance_writes_nothing(busy: Busy) -> None:
    with pytest.raises(UnavailableError, match="25006"):
        async with busy.database.glance() as unit:
            await unit.rows(text("INSERT INTO vault.subject_key DEFAULT VALUES"))
