"""Lookups while their list is written to: an acknowledged objection is in the very next lookup."""

import asyncio
import json
import time
from dataclasses import dataclass, field

import numpy as np

from bench.alone import main
from bench.client import OK, Connection, post
from bench.objecting import Agent
from bench.results import Report, Row
from bench.rounds import Asking, connect
from bench.running import Session
from bench.washing import Washing, washing
from bench.world import World

CASES = ((1_000, 0.55), (10_000, 0.40))
SIZE = 10_000
_BATCH = 500
_ENOUGH = 10_000
_WRITERS = 2
_READERS = 4
_LONGEST = 20.0


@dataclass(slots=True)
class Writing:
    """Batches at a wanted rate to one list; their numbers are asked for at once, on two connections each."""

    world: World
    agent: Agent
    rate: int
    readers: list[Connection]
    token: str
    written: int = 0
    checks: int = 0
    missed: int = 0
    failed: int = 0
    seconds: float = 0.0
    _checking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, seconds: float, connections: list[Connection]) -> None:
        """Until the time is over and enough was checked, or for ever too long."""
        begun = time.perf_counter()
        await asyncio.gather(*(self._write(one, begun, seconds) for one in connections))
        self.seconds = time.perf_counter() - begun

    async def _write(self, connection: Connection, begun: float, seconds: float) -> None:
        while True:
            elapsed = time.perf_counter() - begun
            over = elapsed > seconds and self.checks >= _ENOUGH
            if over or elapsed > max(_LONGEST, seconds):
                return
            ahead = self.written / self.rate - elapsed
            if ahead > 0:
                await asyncio.sleep(ahead)
            request, numbers = self.agent.batch(0, _BATCH)
            status, _ = await connection.ask(request)
            if status != OK:
                self.failed += 1
                continue
            self.written += len(numbers)
            await self._check(numbers)

    async def _check(self, numbers: list[str]) -> None:
        """Half of the batch on each connection, so that each number is asked for on two of them."""
        half = len(numbers) // 2
        parts = (numbers[:half], numbers[half:])
        async with self._checking:
            await asyncio.gather(
                *(self._asked(one, parts[place % 2]) for place, one in enumerate(self.readers))
            )

    async def _asked(self, connection: Connection, numbers: list[str]) -> None:
        body = Washing(self.world, 0, [], 0).body(numbers, "compact")
        status, told = await connection.ask(post("/v1/lookups", body, self.token))
        if status == OK:
            self.checks += len(numbers)
            self.missed += len(numbers) - len(json.loads(told)["blocked"])


async def measure(session: Session) -> Report:
    """An idle rate first, then the same lookups beside each rate of writing."""
    workers = session.options.workers
    report = Report("fresh", f"{SIZE:,} identifiers a lookup of a list that is written to, {workers} workers")
    world = await session.world()
    await world.serve(workers)
    agent = await Agent.register(world)
    asked = washing(world, SIZE, 0.01)
    requests, token = await asked.ours(), await world.token()
    seconds = session.options.seconds * (2 if session.options.short else 5)
    lookups = Asking(await connect(world.port, _READERS), requests, SIZE)
    await lookups(seconds / 2)
    done, taken = await lookups(seconds)
    idle = done / taken
    report.rows.append(Row("idle", "Sparr, lookups", idle, "ids/s"))
    for rate, share in CASES:
        writing = Writing(world, agent, rate, await connect(world.port, _READERS), token)
        beside = asyncio.create_task(_until_done(lookups, writing, seconds))
        await writing.run(seconds, await connect(world.port, _WRITERS))
        report.rows += _rows(rate, share, writing, await beside, idle)
    report.notes.append("the writers' own lookups (the checks) come on top of those that are counted")
    return report


async def _until_done(lookups: Asking, writing: Writing, seconds: float) -> float:
    rates = []
    while writing.seconds == 0.0:
        done, taken = await lookups(seconds / 5)
        rates.append(done / taken)
    return float(np.median(rates))


def _rows(rate: int, share: float, writing: Writing, reading: float, idle: float) -> list[Row]:
    case = f"{rate:,} wanted"
    reached = writing.written / writing.seconds
    failed = f"{writing.failed} batches answered with an error" if writing.failed else ""
    return [
        Row(case, "Sparr, objections", reached, "obj/s", note=failed),
        Row(case, "Sparr, lookups to idle", reading, "ids/s", reading / idle, share),
        Row(case, "read-after-acknowledge checks", writing.checks, "", target=_ENOUGH),
        Row(case, "missed by them", writing.missed, "", target=0.0, at_most=True),
    ]


if __name__ == "__main__":
    main(__file__)
