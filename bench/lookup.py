"""`POST /v1/lookups`, compact, of E.164 numbers, against five other ways to wash the same lists, and beside
what it costs to read them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bench.alone import main
from bench.references.any_array import AnyArray
from bench.references.redis_server import ABSENT, filled_redis, find_redis
from bench.results import Report, Row
from bench.rounds import Asking, Subject, connect, in_turns
from bench.running import Session
from bench.serving import reference
from bench.washing import Washing, washing

CLIENTS = 2
LARGE = 10_000
"""Identifiers a request, of which the targets speak."""
FEW = 200
"""Identifiers a request where each costs a SELECT; what is compared is the time of one."""

CASES = ((1_000, 0.01), (LARGE, 0.01), (LARGE, 0.2))

WAYS: Mapping[str, tuple[str, float | None]] = {
    "each": ("a: FastAPI + SQLAlchemy, one SELECT each", 1_000.0),
    "parsed": ("b: FastAPI + SQLAlchemy IN, phonenumbers", 100.0),
    "plain": ("c: FastAPI + SQLAlchemy IN, no parsing", 30.0),
    "sets": ("d: FastAPI + Redis SMISMEMBER, keyed hash", 5.0),
    "any": ("e: asyncpg = ANY, no HTTP", 8.0),
    "read": ("FastAPI alone, nobody asked", None),
}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the references listen; None is absent."""

    orm: int
    sets: int | None


@asynccontextmanager
async def references(session: Session, *, with_redis: bool = True) -> AsyncIterator[Ports]:
    """The references, filled with the entries of the largest list."""
    world = await session.world()
    program = find_redis(session.options.redis) if with_redis else None
    async with AsyncExitStack() as stack:
        orm = stack.enter_context(reference("orm", world.folder, "--url", world.reference_url()))
        sets = None
        if program is not None:
            filled = {int(world.lists[0]): world.listed()}
            port = await stack.enter_async_context(filled_redis(program, world.folder, filled))
            sets = stack.enter_context(reference("keyed_sets", world.folder, "--port", str(port)))
        yield Ports(orm, sets)


async def subjects(asked: Washing, ports: Ports, probe: AnyArray, size: int) -> list[Subject]:
    """All ways to wash these lists, each seen to answer rightly."""
    few = min(FEW, size)
    hits = asked.among(few)
    places = [
        ("ours", asked.world.port, await asked.ours(), size, asked.hits),
        ("each", ports.orm, asked.reference("/each", few), few, hits),
        ("parsed", ports.orm, asked.reference("/parsed"), size, asked.hits),
        ("plain", ports.orm, asked.reference("/plain"), size, asked.hits),
        ("read", ports.orm, asked.reference("/read"), size, 0),
    ]
    if ports.sets is not None:
        places.append(("sets", ports.sets, asked.reference("/sets"), size, asked.hits))
    made = []
    for name, port, requests, items, expected in places:
        await asked.agreed(port, requests[0], expected)
        made.append(Subject(name, Asking(await connect(port, CLIENTS), requests, items)))
    return [*made, Subject("any", probe)]


async def measure(session: Session) -> Report:
    """Three lists: short and long ones with few hits, long ones with many."""
    report = Report("lookup", "identifiers a second, POST /v1/lookups (compact, receipt) on loopback")
    if find_redis(session.options.redis) is None:
        report.notes.append(ABSENT)
    report.notes.append(
        f"{CLIENTS} clients, one worker; way a is asked about {FEW} at a time, per identifier"
    )
    world = await session.world()
    async with references(session) as ports, world.bare() as connection:
        for size, share in CASES[session.options.short :]:
            asked = washing(world, size, share)
            probe = AnyArray(connection, [(asked.number, one) for one in asked.lists])
            ways = await subjects(asked, ports, probe, size)
            found = await in_turns(ways, session.options.rounds, session.options.seconds)
            report.rows += _rows(f"{size:,}, {share:.0%} hits", size, found)
    return report


def _rows(case: str, size: int, found: Mapping[str, Subject]) -> list[Row]:
    ours = found["ours"]
    rows = [Row(case, "Sparr", ours.rate, "ids/s", note=ours.spread)]
    for name, (what, target) in WAYS.items():
        wanted = target if size == LARGE else None
        if name in found:
            rate = found[name].rate
            rows.append(Row(case, what, rate, "ids/s", ours.rate / rate, wanted))
        else:
            rows.append(Row(case, what, None, "ids/s", target=wanted, note="skipped, see below"))
    return rows


if __name__ == "__main__":
    main(__file__)
