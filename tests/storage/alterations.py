"""What a superuser might do to the rows of the register, each with what a verifier has to name.

They are drawn from an export: cells changed, emptied and exchanged, rows deleted, added and moved to another
event. A group of them is done to one copy of the database. No two of a group concern the same event, so that
none is found by what another one did.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from app.crypto.journal_leaves import row_key
from app.domain.journalled import JOURNALLED

_COLUMNS = """
SELECT c.relname::text AS table, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'registry'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
UNBOUND = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT conrelid::regclass AS owner, conname, contype FROM pg_constraint
               WHERE connamespace = 'registry'::regnamespace AND conrelid <> 0
               AND contype IN ('c', 'f', 'u', 'n')
               ORDER BY contype <> 'f'
    LOOP
        BEGIN
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.owner, one.conname);
        EXCEPTION WHEN invalid_table_definition THEN
            NULL;
        END;
    END LOOP;
END
$$
"""
"""Every constraint but the primary keys out of the way."""

Row = dict[str, Any]
Task = tuple[str, str, str]
"""Table, what to do, and with which column."""
Types = Mapping[str, Mapping[str, str]]


class Written(NamedTuple):
    """A row, and the event that wrote it."""

    event: str
    row: Row


class Alteration(NamedTuple):
    """Rows of a table that become others. `events` are those that they belonged to or come to."""

    table: str
    what: str
    before: Sequence[Row]
    after: Sequence[Row]
    events: frozenset[str]

    @property
    def names(self) -> set[tuple[str, str]]:
        """Table and key of everything that is to be named."""
        changed = [row for row in self.before if row not in self.after]
        changed += [row for row in self.after if row not in self.before]
        return {(self.table, row_key(self.table, row)) for row in changed}

    async def do(self, connection: Any) -> None:
        """To a database in which the event trigger and the constraints are out of the way."""
        for row in self.before:
            gone = await connection.execute(
                f"DELETE FROM registry.{self.table} t WHERE to_jsonb(t) = $1::jsonb",
                json.dumps(row),
            )
            assert gone == "DELETE 1", self
        for row in self.after:
            await connection.execute(
                f"INSERT INTO registry.{self.table} OVERRIDING SYSTEM VALUE "
                f"SELECT * FROM jsonb_populate_record(NULL::registry.{self.table}, $1::jsonb)",
                json.dumps(row),
            )


async def types_of(connection: Any) -> Types:
    """The type of every column, by table and name."""
    found: dict[str, dict[str, str]] = {}
    for column in await connection.fetch(_COLUMNS):
        found.setdefault(column["table"], {})[column["name"]] = column["type"]
    return found


def rows_of(folder: Path) -> dict[str, list[Written]]:
    """Every row of an export."""
    found = {}
    for table in JOURNALLED:
        lines = map(json.loads, (folder / f"{table}.jsonl").read_text().splitlines())
        found[table] = [Written(line["event"], line["row"]) for line in lines]
    return found


class Superuser:
    """Thinks up alterations, the same for the same seed: first every cell of every table once, every row's
    end and a row more in each; then anything."""

    def __init__(self, rows: Mapping[str, list[Written]], types: Types, seed: int) -> None:
        self._rows, self._types = rows, types
        self._chance = random.Random(seed)  # noqa: S311 - the same in every run
        self._events = sorted(written.event for written in rows["event"])

    def groups(self, wanted: int) -> Iterator[list[Alteration]]:
        """So many alterations, in groups that can be done to one copy each."""
        while True:
            for tasks in self._tasks():
                group, waiting = self._group(tasks[:wanted], tasks[wanted:])
                while group:
                    yield group
                    wanted -= len(group)
                    group, waiting = self._group(waiting[:wanted], waiting[wanted:])
            if not wanted:
                return

    def _group(self, tasks: list[Task], later: list[Task]) -> tuple[list[Alteration], list[Task]]:
        """What can be done at once, and the tasks that have to wait for the next copy."""
        group, waiting, taken = list[Alteration](), list[Task](), set[str]()
        for task in tasks:
            one = self._one(*task, taken)
            if one is None:
                waiting.append(task)
            else:
                group.append(one)
                taken |= one.events
        return group, waiting + later

    def _tasks(self) -> Iterator[list[Task]]:
        first = [(table, "change", column) for table in JOURNALLED for column in self._types[table]]
        first += [(table, what, "") for table in JOURNALLED for what in ("delete", "add")]
        more = [(table, what, column) for table, _, column in first if column for what in ("empty", "swap")]
        more += [(table, "move", "event_id") for table in JOURNALLED if "event_id" in self._types[table]]
        for tasks in (first, more):
            self._chance.shuffle(tasks)
            yield tasks

    def _one(self, table: str, what: str, column: str, taken: set[str]) -> Alteration | None:
        """An alteration of this kind to a row whose event has been left alone so far, if there is one."""
        free = [written for written in self._rows[table] if written.event not in taken]
        if not free:
            return None
        event, row = self._chance.choice(free)
        events, before, after = {event}, [row], list[Row]()
        if what == "add":
            before, after = [], [row | {name: self._other(table, name, row) for name in JOURNALLED[table]}]
        elif what == "change":
            after = [row | {column: self._other(table, column, row)}]
        elif what == "empty":
            if row[column] is None or column in JOURNALLED[table]:
                return None
            after = [row | {column: None}]
        elif what == "swap":
            others = [other for other in free if other.row[column] != row[column] and other.event != event]
            if not others or column in JOURNALLED[table]:
                return None
            other = self._chance.choice(others)
            before = [row, other.row]
            after = [row | {column: other.row[column]}, other.row | {column: row[column]}]
            events.add(other.event)
        elif what == "move":
            to = self._chance.choice(self._events)
            if to in taken | events:
                return None
            after, events = [row | {column: to}], events | {to}
        return Alteration(table, f"{what} {column}", before, after, frozenset(events))

    def _other(self, table: str, column: str, row: Row) -> Any:
        """Another value of this column's type."""
        return other_value(self._types[table][column], row[column], self._chance)


def other_value(kind: str, value: Any, chance: random.Random) -> Any:
    """A value of a PostgreSQL type, as JSON, that is not this one."""
    if kind.endswith("[]"):
        return [*(value or []), other_value(kind.removesuffix("[]"), None, chance)]
    if kind in {"date", "timestamp with time zone"}:
        moment = datetime.fromisoformat(value or "2026-01-01T00:00:00+00:00")
        moment += timedelta(days=chance.randint(1, 99), microseconds=chance.randint(1, 999_999))
        return str(moment.date()) if kind == "date" else moment.isoformat()
    others: Mapping[str, Any] = {
        "uuid": str(UUID(int=chance.getrandbits(128))),
        "text": f"altered {chance.getrandbits(64):x}",
        "bytea": f"\\x{chance.getrandbits(128):032x}",
        "jsonb": {"altered": chance.getrandbits(32)},
        "boolean": not value,
    }
    whole = chance.choice([number for number in range(100, 999) if number != value])
    return others.get(kind, whole)
