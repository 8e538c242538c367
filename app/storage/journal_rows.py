"""The rows that events wrote, whatever their table, as the JSON that PostgreSQL makes of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.domain.journalled import CHILDREN, JOURNALLED
from app.storage.units import ReadUnit, WholeUnit


def _event_of(table: str) -> str:
    """Where the event of a row stands."""
    if table in CHILDREN:
        return "p.event_id"
    return "t.id" if table == "event" else "t.event_id"


def _selects(table: str) -> list[str]:
    """What reads a table with the event of each row. A row that hangs on nothing has no event."""
    row = f"'{table}' AS name, CAST(to_jsonb(t) AS text) AS written FROM registry.{table} t"
    if table not in CHILDREN:
        return [f"SELECT {_event_of(table)} AS event, {row} WHERE true"]
    first, *others = CHILDREN[table]
    if not others:
        return [f"SELECT p.event_id AS event, {row} LEFT JOIN registry.{first[0]} p ON {first[1]} WHERE true"]
    found = []
    for parent, match in CHILDREN[table]:
        kind, _, rest = match.partition(" AND ")
        found.append(
            f"SELECT p.event_id AS event, {row} LEFT JOIN registry.{parent} p ON {rest} WHERE {kind}"
        )
    return found


def _of_events(table: str) -> list[str]:
    return [f"{one} AND {_event_of(table)} = ANY(CAST(:events AS uuid[]))" for one in _selects(table)]


_WRITTEN = text("\nUNION ALL\n".join(one for table in JOURNALLED for one in _of_events(table)))
_EVERYBODY = text("""
SELECT set_config('sparr.controllers', (
    SELECT '{' || string_agg(CAST(n.controller_no AS text), ',') || '}' FROM (
        SELECT h.controller_no FROM registry.holder h
        UNION SELECT generate_series(0, (SELECT count(*) + 1000 FROM registry.holder))
    ) n
), true)
""")
_LEAVES = text("""
SELECT l.position, coalesce(l.event_id, o.event_id) AS event_id, l.leaf, l.hash, o.salt, o.rows
FROM registry.journal_leaf l FULL JOIN vault.journal_opening o ON o.event_id = l.event_id
ORDER BY l.position NULLS LAST
""")
_CHECKPOINTS = text("SELECT size, root, note FROM registry.journal_checkpoint ORDER BY size")
_NODES = text("SELECT level, position, hash FROM registry.journal_node ORDER BY level, position")


async def declare_everybody(unit: ReadUnit) -> None:
    """Say that this transaction touches all lists there are by now. They are numbered from 0, and a list is
    also read when somebody took its holder away."""
    await unit.rows(_EVERYBODY)


async def written_by(unit: ReadUnit, events: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[str, str]]]:
    """Table and JSON of every row that these events wrote, by event; one statement for all of them."""
    found: dict[UUID, list[tuple[str, str]]] = {event: [] for event in events}
    for row in await unit.rows(_WRITTEN, {"events": list(events)}):
        found[row.event].append((row.name, row.written))
    return found


def all_leaves(unit: WholeUnit) -> AsyncIterator[Any]:
    """Every leaf in its order, with what opens it; at the end the openings that no leaf has."""
    return unit.each(_LEAVES)


def all_checkpoints(unit: WholeUnit) -> AsyncIterator[Any]:
    """Every checkpoint, the smallest tree first."""
    return unit.each(_CHECKPOINTS)


def all_nodes(unit: WholeUnit) -> AsyncIterator[Any]:
    """Every node that is kept of the tree, level by level."""
    return unit.each(_NODES)


async def all_rows(unit: WholeUnit, table: str) -> AsyncIterator[tuple[UUID | None, str]]:
    """Every row of one journalled table, with its event; also one of a kind that hangs on nothing."""
    selects = _selects(table)
    if len(selects) > 1:
        kinds = " OR ".join(match.partition(" AND ")[0] for _, match in CHILDREN[table])
        stray = f"SELECT CAST(NULL AS uuid) AS event, '{table}' AS name, CAST(to_jsonb(t) AS text) AS written"
        selects.append(f"{stray} FROM registry.{table} t WHERE NOT ({kinds})")
    statement = text("\nUNION ALL\n".join(selects))
    async for row in unit.each(statement):
        yield row.event, row.written
