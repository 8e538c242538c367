"""asyncpg alone, without HTTP: one prepared `= ANY` over the array of identifiers. It runs in the process of
the benchmark, which has nothing else to do meanwhile."""

import time
from collections.abc import Sequence
from itertools import cycle
from typing import Any

_SQL = "SELECT identifier FROM suppression WHERE controller_id = $1 AND identifier = ANY($2::text[])"


class AnyArray:
    """Washes lists in turn on one connection."""

    def __init__(self, connection: Any, lists: Sequence[tuple[int, Sequence[str]]]) -> None:
        self._connection = connection
        self._lists = cycle(lists)
        self._prepared: Any = None

    async def wash(self) -> tuple[int, list[int]]:
        """How many were asked about, and the positions of those who are on the list."""
        if self._prepared is None:
            self._prepared = await self._connection.prepare(_SQL)
        controller, identifiers = next(self._lists)
        found = {row[0] for row in await self._prepared.fetch(controller, identifiers)}
        return len(identifiers), [place for place, one in enumerate(identifiers) if one in found]

    async def __call__(self, seconds: float) -> tuple[int, float]:
        """Identifiers, and seconds."""
        begun, done = time.perf_counter(), 0
        while done == 0 or time.perf_counter() < begun + seconds:
            done += (await self.wash())[0]
        return done, time.perf_counter() - begun
