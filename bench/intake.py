"""Durable objections a second, acknowledged after their commit, against bare INSERTs beside them."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from bench.alone import main
from bench.client import OK, UNAVAILABLE, Connection
from bench.objecting import Agent
from bench.references.bare_inserts import CONNECTIONS, TABLES, Inserting, many, serial, single
from bench.results import Report, Row
from bench.rounds import Subject, connect, in_turns
from bench.running import Session

WAITING = 256
BATCH = 1_000
OVER_SINGLE, OVER_SERIAL, OVER_UNNEST = 2.5, 10.0, 0.4
Request = Callable[[int], bytes]


class Objecting:
    """A closed loop of objections, each of which is a new one."""

    def __init__(self, connections: list[Connection], request: Request, items: int) -> None:
        self._connections, self._request, self._items = connections, request, items
        self.unavailable = 0

    async def __call__(self, seconds: float) -> tuple[int, float]:
        """Objections acknowledged, and seconds. Who is told 503 goes on with another."""
        begun = time.perf_counter()
        done = await asyncio.gather(
            *(self._client(place, one, begun + seconds) for place, one in enumerate(self._connections))
        )
        return sum(done) * self._items, time.perf_counter() - begun

    async def _client(self, place: int, connection: Connection, until: float) -> int:
        done = turn = 0
        while turn == 0 or time.perf_counter() < until:
            status, body = await connection.ask(self._request(place + turn * WAITING))
            turn += 1
            if status == UNAVAILABLE:
                self.unavailable += 1
                continue
            if not OK <= status < OK + 100:
                raise RuntimeError(f"answered {status}: {body[:300]!r}")
            if self._items > 1 and json.loads(body)["counts"].get("refused"):
                raise RuntimeError("an objection of a batch was refused")
            done += 1
        return done


async def measure(session: Session) -> Report:
    """One after another, few and many waiting, all to one controller, and in batches."""
    report = Report("intake", "objections a second, acknowledged after their commit")
    report.notes.append(
        f"bare: rows of the entries alone, no HTTP, no vault, event, receipt or kept answer; "
        f"{CONNECTIONS} connections"
    )
    world = await session.world()
    agent = await Agent.register(world)
    spread = session.options.controllers - 1

    def cold(turn: int) -> bytes:
        return agent.single(1 + turn % spread)

    def hot(_turn: int) -> bytes:
        return agent.single(0)

    def batch(_turn: int) -> bytes:
        return agent.batch(0, BATCH)[0]

    async with AsyncExitStack() as stack:
        bare = [await stack.enter_async_context(world.bare()) for _ in range(CONNECTIONS)]
        await bare[0].execute(TABLES)
        clients = await connect(world.port, WAITING)
        ways = [
            *(Subject(f"{n} waiting", Objecting(clients[:n], cold, 1)) for n in (1, 16, WAITING)),
            Subject("hot", Objecting(clients, hot, 1)),
            Subject("batches", Objecting(clients[:2], batch, BATCH)),
            Subject("bare single", Inserting(bare, single, spread)),
            Subject("bare serial", Inserting(bare, serial, 1)),
            Subject("bare unnest", Inserting(bare[:2], many(BATCH), 1)),
        ]
        found = await in_turns(ways, session.options.rounds, session.options.seconds)
    report.rows = _rows(found)
    return report


def _rows(found: Mapping[str, Subject]) -> list[Row]:
    def beside(case: str, ours: str, what: str, reference: str, target: float) -> list[Row]:
        rate, bare = found[ours].rate, found[reference].rate
        return [
            Row(case, "Sparr", rate, "obj/s", note=found[ours].spread),
            Row(case, what, bare, "rows/s", rate / bare, target),
        ]

    full = f"{WAITING} waiting"
    return [
        *(
            Row(name, "Sparr", found[name].rate, "obj/s", note=found[name].spread)
            for name in ("1 waiting", "16 waiting")
        ),
        *beside(full, full, "bare single INSERTs", "bare single", OVER_SINGLE),
        *beside("hot controller", "hot", "bare, one transaction each, in turn", "bare serial", OVER_SERIAL),
        *beside(
            f"batches of {BATCH:,}",
            "batches",
            "bare unnest, 2 connections",
            "bare unnest",
            OVER_UNNEST,
        ),
    ]


if __name__ == "__main__":
    main(__file__)
