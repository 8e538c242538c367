"""What an entry takes: on disk with its indexes, and in the memory of a worker."""

import asyncio
import re
from typing import Any

from bench.alone import main
from bench.client import OK, Connection, get
from bench.results import Report, Row
from bench.running import Session
from bench.serving import METRICS_TOKEN
from bench.washing import washing
from bench.world import World

ON_DISK, IN_MEMORY = 130.0, 27.0
_LOOKS = 100
TABLES = ("entry_key", "entry")
_INDEX = re.compile(rb"^sparr_\w*(?:index|presence)\w*bytes\S* ([0-9.e+]+)", re.MULTILINE)
_SIZES = """
SELECT pg_relation_size(c.oid) AS table_bytes, pg_indexes_size(c.oid) AS index_bytes, c.reltuples AS rows
FROM pg_catalog.pg_class c WHERE c.oid = to_regclass($1)
"""


async def measure(session: Session) -> Report:
    """Both tables that a lookup reads; sealed parts, events and objections behind them are not counted."""
    report = Report("size", "bytes of an entry")
    report.notes.append(
        "one row in entry and one in entry_key for each spelling of it: here two, itself and its SHA-256; "
        "they came in random order"
    )
    world = await session.world()
    total = 0.0
    async with world.bare("sparr") as connection:
        entries = await connection.fetchval("SELECT count(*) FROM registry.entry")
        await connection.execute("VACUUM (ANALYZE) registry.entry, registry.entry_key")
        for table in TABLES:
            found = await connection.fetchrow(_SIZES, f"registry.{table}")
            each = [found[name] / entries for name in ("table_bytes", "index_bytes")]
            total += sum(each)
            note = f"{found['rows'] / entries:.2f} rows of an entry"
            report.rows.append(Row("on disk", f"{table}, the table", each[0], "B", note=note))
            report.rows.append(Row("on disk", f"{table}, its indexes", each[1], "B"))
    report.rows.append(Row("on disk", "all", total, "B", target=ON_DISK, at_most=True))
    report.rows.append(await _in_memory(world))
    return report


async def _in_memory(world: World) -> Row:
    """By the service's own figure, after the largest list was asked and is held."""
    request = (await washing(world, 100, 0.1, lists=1).ours())[0]
    entries = len(world.listed()) + len(world.listed(emails=True))
    connection = await Connection.open(world.port)
    held = 0.0
    for _ in range(_LOOKS):
        await connection.ask(request)
        status, body = await connection.ask(get("/metrics", METRICS_TOKEN))
        found: Any = _INDEX.search(body) if status == OK else None
        held = float(found[1]) if found else 0.0
        if held > entries:  # The list of "all controllers" is held before.
            break
        await asyncio.sleep(0.2)
    connection.close()
    note = "largest list; with its SHA-256" if held > entries else "it was not held in time"
    each = held / entries if held > entries else None
    return Row("in memory", "a worker", each, "B", target=IN_MEMORY, at_most=True, note=note)


if __name__ == "__main__":
    main(__file__)
