"""Waiting for something to change, without a database connection for each who waits.

All who wait in a process share one question, asked a few times a second and only while somebody waits:
where their lists stand. The witness of the presence index is not asked: it brings the canaries of its lists
and what came into them, which is far more than the two numbers that are needed here.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from app.api.problems import EdgeError
from app.domain.parties import ALL_CONTROLLERS, Caller
from app.domain.refusals import UnavailableError
from app.storage.database import Database
from app.storage.versions import AsOf
from app.usecases.read_position import current_positions

STOPPING: Final = "sparr.stopping"
"""The ASGI extension that tells whether the server has been told to stop."""

AT_ONCE: Final = 10
"""Requests of a party that may wait at a time, in each process."""

_ASKED_EVERY: Final = 0.25
_LOOKED_EVERY: Final = 0.5
"""Seconds between two looks whether the client is still there and the server goes on."""

Over = Callable[[], Awaitable[bool]]
"""Whether nobody waits for the answer any more, or the server has been told to stop."""


class ChangeWatch:
    """Who waits in this process, for which list to leave which position."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[asyncio.Future[None], tuple[int, AsOf]] = {}
        self._asking: asyncio.Task[None] | None = None
        self._places: Counter[object] = Counter()

    @contextmanager
    def place(self, caller: Caller) -> Iterator[None]:
        """One of the places that a party has."""
        if self._places[caller.party_id] >= AT_ONCE:
            raise EdgeError("TOO_MANY_REQUESTS", f"At most {AT_ONCE} requests of a party wait at a time.")
        self._places[caller.party_id] += 1
        try:
            yield
        finally:
            self._places -= Counter([caller.party_id])

    async def moved(self, number: int, seen: AsOf, until: float, over: Over) -> bool:
        """Wait until the list or that of all controllers has left the position, or cannot be read; False when
        the time of the loop's clock has come, or it is over before."""
        loop = asyncio.get_running_loop()
        moving: asyncio.Future[None] = loop.create_future()
        self._waiting[moving] = (number, seen)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_on())
        try:
            while (left := until - loop.time()) > 0 and not await over():
                await asyncio.wait([moving], timeout=min(left, _LOOKED_EVERY))
                if moving.done():
                    return True
        finally:
            self._waiting.pop(moving, None)
        return False

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _ask_on(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(_ASKED_EVERY)
                await self._ask()
        finally:
            self._asking = None

    async def _ask(self) -> None:
        numbers = {ALL_CONTROLLERS} | {number for number, _ in self._waiting.values()}
        try:
            async with self._database.read() as unit:
                stand = await current_positions(unit, numbers)
        except UnavailableError:
            # Each reads for itself, and tells its client what it finds.
            stand = None
        for moving, (number, seen) in list(self._waiting.items()):
            if not moving.done() and (stand is None or stand[number] != seen):
                moving.set_result(None)
