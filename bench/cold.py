"""Lists that nobody has asked since the start: answered from the database, whatever memory holds later."""

import time
from collections.abc import Sequence

from bench.alone import main
from bench.client import OK, UNAVAILABLE, Connection
from bench.lookup import references
from bench.references.any_array import AnyArray
from bench.results import Report, Row
from bench.rounds import Subject, in_turns
from bench.running import Session
from bench.washing import Washing, washing

SIZE = 10_000
SHARE = 0.001
OVER_PLAIN, OVER_ANY = 3.0, 0.8
_EACH_ROUND = 3
_FIRST_RANK = 1


class _Fresh:
    """Asks each list once, one after another."""

    def __init__(self, connection: Connection, requests: Sequence[bytes]) -> None:
        self._connection = connection
        self._requests = iter(requests)
        self.unavailable = 0

    async def __call__(self, _seconds: float) -> tuple[int, float]:
        begun, done = time.perf_counter(), 0
        for _ in range(_EACH_ROUND):
            status, body = await self._connection.ask(next(self._requests))
            if status == UNAVAILABLE:
                self.unavailable += 1
            elif status == OK:
                done += SIZE
            else:
                raise RuntimeError(f"answered {status}: {body[:300]!r}")
        return done, time.perf_counter() - begun


class _Probing:
    """The same lists, by the reference without HTTP."""

    def __init__(self, probe: AnyArray) -> None:
        self._probe = probe

    async def __call__(self, _seconds: float) -> tuple[int, float]:
        begun = time.perf_counter()
        asked = [(await self._probe.wash())[0] for _ in range(_EACH_ROUND)]
        return sum(asked), time.perf_counter() - begun


async def measure(session: Session) -> Report:
    """A server that was started just now; each list is asked once, by everybody in the same order."""
    report = Report(
        "cold", f"identifiers a second, first question about a list ({SIZE:,} identifiers, compact)"
    )
    world = await session.world()
    await world.serve(1, anew=True)
    count = min((session.options.rounds + 1) * _EACH_ROUND, session.options.controllers - _FIRST_RANK)
    rounds = count // _EACH_ROUND - 1
    report.notes.append(f"one client, {rounds} rounds of {_EACH_ROUND} lists of the size that they have")
    lists: list[Washing] = [
        washing(world, SIZE, SHARE, rank=rank, lists=1) for rank in range(_FIRST_RANK, _FIRST_RANK + count)
    ]
    ours = [(await one.ours())[0] for one in lists]
    plain = [one.reference("/plain")[0] for one in lists]
    async with references(session, with_redis=False) as ports, world.bare() as connection:
        await lists[0].agreed(ports.orm, plain[0])
        probe = AnyArray(connection, [(one.number, one.lists[0]) for one in lists])
        ways = [
            Subject("ours", _Fresh(await Connection.open(world.port), ours)),
            Subject("plain", _Fresh(await Connection.open(ports.orm), plain)),
            Subject("any", _Probing(probe)),
        ]
        found = await in_turns(ways, rounds, session.options.seconds)
    rate = found["ours"].rate
    for name, what, target in (
        ("plain", "c: FastAPI + SQLAlchemy IN, no parsing", OVER_PLAIN),
        ("any", "e: asyncpg = ANY, no HTTP", OVER_ANY),
    ):
        report.rows.append(
            Row("first question", what, found[name].rate, "ids/s", rate / found[name].rate, target)
        )
    report.rows.insert(0, Row("first question", "Sparr", rate, "ids/s", note=found["ours"].spread))
    return report


if __name__ == "__main__":
    main(__file__)
