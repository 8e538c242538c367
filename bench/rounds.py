"""Measuring side by side: subjects take turns within one run, so that what the machine does meanwhile befalls
all of them alike. Reported is the median of the rounds, and the ratio of medians."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from statistics import median

from bench.client import OK, UNAVAILABLE, Connection


@dataclass(slots=True)
class Subject:
    """Something that works for about so many seconds, and says how many items it did in how many."""

    name: str
    work: Callable[[float], Awaitable[tuple[int, float]]]
    rates: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Items a second."""
        return median(self.rates)

    @property
    def spread(self) -> str:
        """The slowest and the fastest round, as shares of the median, and who was told to come again."""
        middle = self.rate or 1.0
        told = getattr(self.work, "unavailable", 0)
        rounds = f"rounds {min(self.rates) / middle:.2f}-{max(self.rates) / middle:.2f}"
        return rounds + (f"; {told} answered 503" if told else "")


async def in_turns(subjects: Sequence[Subject], rounds: int, seconds: float) -> Mapping[str, Subject]:
    """A short round of each to warm up; then all of them in each round, in another order each time."""
    for subject in subjects:
        await subject.work(min(seconds, 0.3))
    for turn in range(rounds):
        shift = turn % len(subjects)
        for subject in [*subjects[shift:], *subjects[:shift]]:
            done, taken = await subject.work(seconds)
            subject.rates.append(done / taken)
    return {subject.name: subject for subject in subjects}


class Asking:
    """A closed loop: each of some clients sends its next request when the last one was answered."""

    def __init__(
        self,
        connections: Sequence[Connection],
        requests: Sequence[bytes],
        items: int,
    ) -> None:
        self._connections = connections
        self._requests = cycle(requests)
        self._items = items
        self.taken: list[float] = []
        self.unavailable = 0

    async def __call__(self, seconds: float) -> tuple[int, float]:
        """Items asked about, and seconds."""
        begun = time.perf_counter()
        until = begun + seconds
        done = await asyncio.gather(*(self._client(one, until) for one in self._connections))
        return sum(done) * self._items, time.perf_counter() - begun

    async def _client(self, connection: Connection, until: float) -> int:
        done = tries = 0
        while tries == 0 or time.perf_counter() < until:
            tries += 1
            sent = time.perf_counter()
            status, body = await connection.ask(next(self._requests))
            self.taken.append(time.perf_counter() - sent)
            if status == UNAVAILABLE:
                self.unavailable += 1
                continue
            if status != OK:
                raise RuntimeError(f"answered {status}: {body[:300]!r}")
            done += 1
        return done


async def connect(port: int, clients: int) -> list[Connection]:
    """So many clients."""
    return [await Connection.open(port) for _ in range(clients)]


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
