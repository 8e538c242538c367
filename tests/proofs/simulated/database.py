"""A database of which only the promises are kept that the program relies on: transactions that are seen
whole and after their commit, keys that are unique, advisory locks that last until the end, and answers
that get lost.

What the statements of the program mean is written down here once more, each by the very statement. Whatever
decides anything is the program's own code, above it.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Table, TextClause

from app.crypto.instruments import Instruments
from app.domain.refusals import StatementError, UnavailableError
from app.storage import answers, journal, journal_rows, sealed, standbys, units, versions
from app.storage.units import WriteUnit
from tests.proofs.simulated.loop import SeededLoop

Row = Mapping[str, Any]

UNIQUE: Mapping[str, Sequence[tuple[str, ...]]] = {
    "controller_version": [("controller_no", "version")],
    "idempotency": [("party_id", "key")],
    "event": [("id",)],
    "answer": [("event_id", "position")],
    "subject_key": [("subject",)],
    "journal_leaf": [("position",), ("event_id",)],
    "journal_node": [("level", "position")],
    "journal_checkpoint": [("size",)],
}


class Said(dict[str, Any]):
    """A row as the driver gives it: by name, and in order."""

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def __getitem__(self, key: Any) -> Any:
        return list(self.values())[key] if isinstance(key, int) else super().__getitem__(key)

    def __iter__(self) -> Any:
        return iter(self.values())


class SimulatedDatabase:
    """What is committed, who holds which lock, and how often an answer gets lost."""

    def __init__(self, loop: SeededLoop, instruments: Instruments, lost: float) -> None:
        self.loop = loop
        self.instruments = instruments
        self.lost = lost
        self.tables: dict[str, list[Row]] = defaultdict(list)
        self.keys: dict[tuple[str, tuple[str, ...]], set[tuple[Any, ...]]] = defaultdict(set)
        self.holders: dict[Any, _Unit] = {}
        self.freed = asyncio.Condition()
        self.late = 0.0
        """How many seconds a commit may take once in a while."""
        wrapped = instruments.vault.new_data_key(sealed.REGISTRY_SUBJECT)[1]
        self.put([("subject_key", {"subject": sealed.REGISTRY_SUBJECT, "wrapped": wrapped})])

    def put(self, rows: Sequence[tuple[str, Row]]) -> None:
        """All of them, or none."""
        new: set[Any] = set()
        for table, row in rows:
            for key in UNIQUE.get(table, ()):
                value = (table, key, tuple(row[column] for column in key))
                if value[2] in self.keys[table, key] or value in new:
                    raise StatementError("unique")
                new.add(value)
        for table, key, value in new:
            self.keys[table, key].add(value)
        for table, row in rows:
            self.tables[table].append(row)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteUnit]:
        unit = _Unit(self)
        try:
            await self.loop.pause()
            yield unit
            await self._commit(unit)
        finally:
            await unit.release()

    sequence = write

    async def _commit(self, unit: "_Unit") -> None:
        chance = self.loop.chance
        await self.loop.pause(0.02)
        if self.late and chance.random() < 0.03:
            await self.loop.pause(self.late)
        if chance.random() < self.lost:
            raise UnavailableError("lost before the commit")
        self.put(unit.pending)
        await self.loop.pause(0.005)
        if chance.random() < self.lost:
            raise UnavailableError("committed, and the answer was lost")


class _Unit(WriteUnit):
    """A transaction: it sees what is committed and what is its own."""

    def __init__(self, database: SimulatedDatabase) -> None:
        nobody: Any = None
        super().__init__(nobody, database.instruments)
        self.database = database
        self.pending: list[tuple[str, Row]] = []
        self.locks: set[Any] = set()

    def seen(self, table: str) -> Iterator[Row]:
        yield from self.database.tables[table]
        yield from (row for name, row in self.pending if name == table)

    async def rows(self, sql: TextClause, values: Mapping[str, Any] | None = None) -> Any:
        await self.database.loop.pause(0.002)
        if sql is versions._LOCK:
            for number in (values or {})["numbers"]:
                await self._lock(("list", number))
            return []
        return STATEMENTS[sql](self, values or {})

    async def row(self, sql: TextClause, values: Mapping[str, Any] | None = None) -> Any:
        found = await self.rows(sql, values)
        return found[0] if found else None

    async def run(self, sql: TextClause, values: Mapping[str, Any] | None = None) -> int:
        return len(await self.rows(sql, values))

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        await self.database.loop.pause(0.002)
        if self.database.loop.chance.random() < self.database.lost / 4:
            raise StatementError("refused")
        self.pending += [(table.name, dict(row)) for row in rows]

    def try_lock(self, what: Any) -> bool:
        if self.database.holders.setdefault(what, self) is not self:
            return False
        self.locks.add(what)
        return True

    async def _lock(self, what: Any) -> None:
        async with self.database.freed:
            await self.database.freed.wait_for(lambda: self.try_lock(what))

    async def release(self) -> None:
        for what in self.locks:
            self.database.holders.pop(what)
        self.locks = set()
        async with self.database.freed:
            self.database.freed.notify_all()


def _next(unit: _Unit, values: Row) -> list[Said]:
    newest: dict[int, int] = defaultdict(int)
    for row in unit.seen("controller_version"):
        newest[row["controller_no"]] = max(newest[row["controller_no"]], row["version"])
    columns = zip(values["numbers"], values["steps"], values["event_ids"], values["times"], strict=True)
    made = [
        Said(controller_no=number, event_id=event_id, version=newest[number] + step, at=at)
        for number, step, event_id, at in columns
    ]
    unit.pending += [("controller_version", dict(row.items())) for row in made]
    return made


def _known(unit: _Unit, values: Row) -> list[Said]:
    kept = [dict(row) for row in unit.seen("idempotency")]
    return [
        Said(**row, object_id=None)
        for row in kept
        if (row["party_id"], row["key"]) == (values["party_id"], values["key"])
    ]


def _used(unit: _Unit, values: Row) -> list[Said]:
    used = {(row["party_id"], row["key"]) for row in unit.seen("idempotency")}
    asked = zip(values["parties"], values["keys"], strict=True)
    return [Said(party_id=party, key=key) for party, key in asked if (party, key) in used]


def _subject_keys(unit: _Unit, values: Row) -> list[Said]:
    wanted = {UUID(one) for one in values["subjects"].strip("{}").split(",") if one}
    return [Said(**row) for row in unit.seen("subject_key") if row["subject"] in wanted]


def _waiting(unit: _Unit, values: Row) -> list[Said]:
    leaves = {row["event_id"] for row in unit.seen("journal_leaf")}
    found = [Said(**row) for row in unit.seen("event") if row["id"] not in leaves]
    between = [row for row in found if values["after"] < row.id < values["before"]]
    return sorted(between, key=lambda row: row.id)[: values["limit"]]


def _slice(unit: _Unit, values: Row) -> list[Said]:
    found = sorted(row["id"] for row in unit.seen("event") if values["after"] < row["id"] < values["before"])
    return [Said(id=one) for one in found[values["most"] :][:1]]


def _ranged(table: str) -> Callable[[_Unit, Row], list[Said]]:
    def read(unit: _Unit, values: Row) -> list[Said]:
        level = values.get("level")
        found = [Said(**row) for row in unit.seen(table) if level is None or row["level"] == level]
        within = [row for row in found if values["first"] <= row.position < values["end"]]
        return sorted(within, key=lambda row: row.position)

    return read


def _written(unit: _Unit, values: Row) -> list[Said]:
    wanted = set(values["events"])
    return [
        Said(event=row["event_id"], name="controller_version", written=row["json"])
        for row in unit.seen("wish")
        if row["event_id"] in wanted
    ]


STATEMENTS: Mapping[TextClause, Callable[[Any, Row], list[Said]]] = {
    units._DECLARE: lambda _unit, _values: [],
    # There is one server: whatever is read here was committed here.
    standbys.CONFIRM: lambda _unit, _values: [],
    journal_rows._EVERYBODY: lambda _unit, _values: [],
    journal_rows._WRITTEN: _written,
    versions._NEXT: _next,
    versions._TRY_LOCK: lambda unit, values: [
        Said(controller_no=number) for number in values["numbers"] if unit.try_lock(("list", number))
    ],
    answers._TRY_LOCK: lambda unit, values: [Said(ok=unit.try_lock(("key", values["name"])))],
    answers._TRY_LOCKS: lambda unit, values: [
        Said(name=name) for name in values["names"] if unit.try_lock(("key", name))
    ],
    answers._USED: _used,
    answers._KNOWN: _known,
    answers._PARTS: lambda unit, values: sorted(
        (Said(**row) for row in unit.seen("answer") if row["event_id"] == values["event_id"]),
        key=lambda row: row.position,
    ),
    sealed._KEYS: _subject_keys,
    journal._TRY_LOCK: lambda unit, _values: [Said(ok=unit.try_lock("sequencer"))],
    journal._TIP: lambda unit, _values: sorted(
        (Said(**row) for row in unit.seen("journal_checkpoint")), key=lambda row: -row.size
    )[:1],
    journal._WAITING: _waiting,
    journal._SLICE: _slice,
    journal._REGISTRY: lambda _unit, _values: [Said(id=UUID(int=1))],
    journal._LEAF_HASHES: _ranged("journal_leaf"),
    journal._NODES: _ranged("journal_node"),
}
