"""Connections straight from the driver, for what every lookup does: who asks, what is known, what remains.

A layer in between costs several times what such a statement does. Whoever works with a unit notices nothing:
statements are the same `text(…)`, with the same names for their values.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from app.storage.presence.connecting import DRIVER_ERRORS, Connection, declare_also

DIALECT: Any = dialect()  # type: ignore[no-untyped-call]  # it has no annotations


class Answered:
    """The rows of a statement, or how many it made."""

    __slots__ = ("_rows", "_status")

    def __init__(self, rows: Sequence[Any], status: str) -> None:
        self._rows = rows
        self._status = status

    def all(self) -> Sequence[Any]:
        """Every row."""
        return self._rows

    def first(self) -> Any:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    @property
    def rowcount(self) -> int:
        """How many rows it read or made, by the server's word."""
        count = self._status.rpartition(" ")[2]
        return int(count) if count.isdecimal() else 0


class Straight:
    """One connection, with the statements that it has prepared."""

    def __init__(self, driver: Connection) -> None:
        self.driver = driver
        self.whole = True
        """Whether it is certain that nothing on it is unfinished."""
        self._prepared: dict[str, Any] = {}
        self._declared: frozenset[int] = frozenset()

    async def declare(self, numbers: Collection[int]) -> None:
        """Say which lists single statements touch, for as long as the connection lives."""
        self._declared = await declare_also(self.driver, self._declared, frozenset(numbers))

    async def execute(self, sql: TextClause, values: Mapping[str, Any] | None = None, /) -> Answered:
        """Run a statement with its values by name."""
        told, names = positional(sql)
        prepared = self._prepared.get(told)
        if prepared is None:
            prepared = self._prepared[told] = await self.driver.prepare(told, record_class=_Record)
        rows = await prepared.fetch(*[values[name] for name in names] if values else ())
        return Answered(rows, prepared.get_statusmsg())


class Straights:
    """At most so many connections that do the same kind of work, opened when they are needed."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], most: int) -> None:
        self._connect = connect
        self._places = asyncio.Semaphore(most)
        self._idle: list[Straight] = []
        self._closed = False

    @asynccontextmanager
    async def transaction(self, begin: str) -> AsyncIterator[Straight]:
        """Begun with this statement; committed when the block ends well, rolled back otherwise."""
        async with self._borrowed() as one:
            await one.driver.execute(begin)
            try:
                yield one
            except Exception:
                await one.driver.execute("ROLLBACK")
                one.whole = True
                raise
            await one.driver.execute("COMMIT")
            one.whole = True

    @asynccontextmanager
    async def single(self, numbers: Collection[int] = ()) -> AsyncIterator[Straight]:
        """For one statement, or several that may each see another moment: every one is a transaction of its
        own. They touch these lists."""
        async with self._borrowed() as one:
            await one.declare(numbers)
            try:
                yield one
            except Exception:
                one.whole = True
                raise
            one.whole = True

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[Straight]:
        """A connection of which nobody knows what it is at is never used again."""
        async with self._places:
            one = self._take() or Straight(await self._connect())
            one.whole = False
            try:
                yield one
            finally:
                self._leave(one)

    async def close(self) -> None:
        """Let go of those that are idle now, and of the others when they are given back."""
        self._closed = True
        idle, self._idle = self._idle, []
        for one in idle:
            try:
                await one.driver.close(timeout=1)
            except DRIVER_ERRORS:
                one.driver.terminate()

    def _take(self) -> Straight | None:
        while self._idle:
            one = self._idle.pop()
            if not one.driver.is_closed():
                return one
        return None

    def _leave(self, one: Straight) -> None:
        if one.whole and not self._closed and not one.driver.is_closed():
            self._idle.append(one)
        else:
            one.driver.terminate()


class WhenNeeded:
    """A transaction that begins with its first statement, and ends with what `open_` stands for."""

    def __init__(self, straights: Straights, begin: str, open_: AsyncExitStack) -> None:
        self._straights = straights
        self._begin = begin
        self._open = open_
        self._begun: Straight | None = None

    async def execute(self, sql: TextClause, values: Mapping[str, Any] | None = None, /) -> Answered:
        """Run a statement with its values by name."""
        if self._begun is None:
            self._begun = await self._open.enter_async_context(self._straights.transaction(self._begin))
        return await self._begun.execute(sql, values)


class _Record(asyncpg.Record):  # type: ignore[misc]  # the driver has no annotations
    """A row whose columns are attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


@lru_cache(maxsize=256)
def positional(sql: TextClause) -> tuple[str, tuple[str, ...]]:
    """A statement as the driver takes it, and the names of its values in their order."""
    compiled = sql.compile(dialect=DIALECT)
    return str(compiled), tuple(compiled.positiontup or ())
