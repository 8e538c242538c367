"""Units of work. Nothing but the unit commits, and it commits before the answer leaves."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Row, Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.crypto.instruments import Instruments
from app.storage.columns import arrays_of, inserting

_SQL = Path(__file__).parent / "sql"

Rows = Sequence[Row[Any]]

_AT_ONCE = 1000
"""Rows of one statement: what is longer in the making would hold everybody else's requests."""


def statement(name: str) -> TextClause:
    """A named statement from the sql folder."""
    return text((_SQL / f"{name}.sql").read_text(encoding="utf-8"))


class Result(Protocol):
    """What came of a statement."""

    def all(self) -> Rows:
        """Every row."""

    def first(self) -> Row[Any] | None:
        """The first row, or None."""

    @property
    def rowcount(self) -> int:
        """How many rows it made."""


class Session(Protocol):
    """What carries the statements of a unit."""

    async def execute(self, sql: TextClause, values: Mapping[str, Any], /) -> Result:
        """Run a statement with its values by name."""


class ReadUnit:
    """One transaction that reads. `declare` says whose rows it touches: row level security shows no others,
    and a transaction that declared nobody fails instead of finding nothing."""

    def __init__(
        self, connection: Session, instruments: Instruments, declared: frozenset[int] = frozenset()
    ) -> None:
        self.connection = connection
        self.instruments = instruments
        self._declared = declared

    async def declare(self, controllers: Iterable[int]) -> None:
        """Add controllers (their numbers) to those that this transaction touches."""
        wanted = self._declared | frozenset(controllers)
        if wanted != self._declared:
            numbers = "{" + ",".join(str(int(n)) for n in sorted(wanted)) + "}"
            await self.rows(_DECLARE, {"numbers": numbers})
            self._declared = wanted

    async def rows(self, sql: TextClause, values: Mapping[str, Any] | None = None) -> Rows:
        """Every row of a statement."""
        return (await self.connection.execute(sql, values or {})).all()

    async def row(self, sql: TextClause, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row of a statement, or None."""
        return (await self.connection.execute(sql, values or {})).first()


class WholeUnit(ReadUnit):
    """One snapshot of everything, read row by row for as long as that takes."""

    def __init__(self, connection: AsyncConnection, instruments: Instruments) -> None:
        super().__init__(connection, instruments)
        self._whole = connection

    async def each(self, sql: TextClause) -> AsyncIterator[Row[Any]]:
        """The rows of a statement, one after another, however many there are."""
        async with self._whole.stream(sql, execution_options={"yield_per": _AT_ONCE}) as rows:
            async for row in rows:
                yield row


class WriteUnit(ReadUnit):
    """One transaction that also inserts. There is no other verb. `held` are the lists that it has locked,
    `data_keys` the keys of the subjects that it has met: neither changes before it ends."""

    def __init__(
        self, connection: Session, instruments: Instruments, declared: frozenset[int] = frozenset()
    ) -> None:
        super().__init__(connection, instruments, declared)
        self.held: set[int] = set()
        self.data_keys: dict[UUID, bytes] = {}

    async def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, a thousand with one statement; all have the columns of the first."""
        for first in range(0, len(rows), _AT_ONCE):
            piece = rows[first : first + _AT_ONCE]
            columns = tuple(piece[0])
            await self.connection.execute(inserting(table, columns), arrays_of(table, columns, piece))
            if len(piece) == _AT_ONCE:
                await asyncio.sleep(0)

    async def run(self, sql: TextClause, values: Mapping[str, Any] | None = None) -> int:
        """Run an INSERT (or take a lock) and return how many rows it made."""
        return (await self.connection.execute(sql, values or {})).rowcount


class ShredUnit:
    """One transaction that destroys. It has no way to read what it destroys, and none to anything else."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def destroy(self, subjects: Collection[UUID], made_until: datetime) -> int:
        """Delete these subjects' key rows, if they were made by then, and return how many there were. The
        subject of what concerns nobody has no key that could be destroyed."""
        wanted = [subject for subject in subjects if subject.int]
        gone = await self._connection.execute(_DESTROY, {"subjects": wanted, "until": made_until})
        return gone.rowcount


_DESTROY = statement("destroy_keys")
_DECLARE = text("SELECT set_config('sparr.controllers', :numbers, true)")
