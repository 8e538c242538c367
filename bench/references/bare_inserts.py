"""What PostgreSQL alone takes in: the rows of an entry and nothing else, on 32 connections."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from secrets import token_bytes
from typing import Any
from uuid import UUID

CONNECTIONS = 32

TABLES = """
CREATE TABLE IF NOT EXISTS bare_entry (
    id uuid NOT NULL, fingerprint uuid NOT NULL, controller_no int4 NOT NULL, version int8 NOT NULL,
    since timestamptz NOT NULL, channels int4 NOT NULL, purposes int4 NOT NULL, kind int2 NOT NULL,
    PRIMARY KEY (controller_no, id));
CREATE INDEX IF NOT EXISTS bare_entry_fingerprint ON bare_entry (controller_no, fingerprint);
CREATE TABLE IF NOT EXISTS bare_version (controller_no int4 PRIMARY KEY, version int8 NOT NULL);
INSERT INTO bare_version SELECT n, 0 FROM generate_series(0, 10000) n ON CONFLICT DO NOTHING;
"""
_ONE = "INSERT INTO bare_entry VALUES ($1, $2, $3, 1, now(), 1, 1, 1)"
_MANY = (
    "INSERT INTO bare_entry SELECT i, f, $3, 1, now(), 1, 1, 1 FROM unnest($1::uuid[], $2::uuid[]) AS t(i, f)"
)
_NEXT = "UPDATE bare_version SET version = version + 1 WHERE controller_no = $1"


def _ids(size: int) -> list[UUID]:
    return [UUID(bytes=token_bytes(16)) for _ in range(size)]


async def single(connection: Any, controller: int) -> int:
    """One INSERT, committed by itself."""
    await connection.execute(_ONE, *_ids(2), controller)
    return 1


async def serial(connection: Any, controller: int) -> int:
    """One transaction for each, which takes the list's next version: the next one waits for its commit."""
    async with connection.transaction():
        await connection.execute(_NEXT, controller)
        await connection.execute(_ONE, *_ids(2), controller)
    return 1


def many(size: int) -> Callable[[Any, int], Awaitable[int]]:
    """So many with one statement."""

    async def insert(connection: Any, controller: int) -> int:
        await connection.execute(_MANY, _ids(size), _ids(size), controller)
        return size

    return insert


class Inserting:
    """Each connection inserts as soon as it may again; `spread` over many lists or into one."""

    def __init__(
        self, connections: Sequence[Any], insert: Callable[[Any, int], Awaitable[int]], lists: int
    ) -> None:
        self._connections = connections
        self._insert = insert
        self._lists = lists

    async def __call__(self, seconds: float) -> tuple[int, float]:
        """Entries, and seconds."""
        begun = time.perf_counter()
        done = await asyncio.gather(
            *(self._client(n, one, begun + seconds) for n, one in enumerate(self._connections))
        )
        return sum(done), time.perf_counter() - begun

    async def _client(self, place: int, connection: Any, until: float) -> int:
        done, turn = 0, place
        while done == 0 or time.perf_counter() < until:
            done += await self._insert(connection, turn % self._lists)
            turn += CONNECTIONS
        return done
