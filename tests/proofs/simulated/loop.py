"""An event loop whose time, threads and chances come from one seed: the same seed, the same run."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from app.api import acts
from app.storage.presence import index, witness
from app.usecases import act, sequence_events

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
LONGEST = 3000.0
"""Seconds of the simulation after which somebody waits who will never be answered."""


class StuckError(Exception):
    """Nobody can go on, or it takes for ever."""


class SeededLoop(asyncio.SelectorEventLoop):
    """Time passes only when nobody can go on; what would run in a thread takes a while and runs here."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.chance = Random(seed)  # noqa: S311 - a run that can be repeated is what it is for
        super().__init__()

    def time(self) -> float:
        return self.now

    async def pause(self, seconds: float = 0.01) -> None:
        """A while, of about so many seconds: this is where others come in between."""
        await asyncio.sleep(self.chance.expovariate(1 / seconds))

    def run_in_executor(self, _executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]  # inline
        async def later() -> Any:
            await self.pause(0.1)
            return func(*args)

        return self.create_task(later())

    def _run_once(self) -> None:
        inner: Any = self
        while inner._scheduled and inner._scheduled[0]._cancelled:
            heapq.heappop(inner._scheduled)._scheduled = False
            inner._timer_cancelled_count -= 1
        if not inner._ready and not inner._stopping:
            if not inner._scheduled:
                raise StuckError("nobody can go on")
            self.now = max(self.now, inner._scheduled[0]._when)
            if self.now > LONGEST:
                raise StuckError("somebody waits for ever")
        super()._run_once()  # type: ignore[misc]  # the loop's one step, which typeshed does not name


class _Times:
    """Stands where a module has `datetime`."""

    def __init__(self, loop: SeededLoop) -> None:
        self._loop = loop

    def now(self, zone: tzinfo) -> datetime:
        return (BEGIN + timedelta(seconds=self._loop.now)).astimezone(zone)


@contextmanager
def _virtual(loop: SeededLoop) -> Iterator[None]:
    """Clocks and random ids of the modules that have any come from the loop."""
    clock = SimpleNamespace(monotonic=loop.time, time=loop.time)
    with ExitStack() as stack:
        for module in (index, witness, sequence_events):
            stack.enter_context(patch.object(module, "time", clock))
        for module in (acts, sequence_events):
            stack.enter_context(patch.object(module, "datetime", _Times(loop)))
        stack.enter_context(patch.object(act, "token_bytes", loop.chance.randbytes))
        yield


def run_seeded(seed: int, world: Callable[[SeededLoop], Awaitable[list[str]]]) -> list[str]:
    """What is wrong after a run of a world with this seed; nothing, if all is as promised."""
    loop = SeededLoop(seed)
    # A task that failed is seen by what it did not do.
    loop.set_exception_handler(lambda *_: None)
    asyncio.set_event_loop(loop)
    try:
        with _virtual(loop):
            found = loop.run_until_complete(_whole(loop, world))
    except StuckError as stuck:
        found = [str(stuck)]
    finally:
        _end(loop)
    return found


async def _whole(loop: SeededLoop, world: Callable[[SeededLoop], Awaitable[list[str]]]) -> list[str]:
    return await world(loop)


def _end(loop: SeededLoop) -> None:
    """Whoever still waits is told to stop; then the loop is closed."""
    loop.now = 0.0
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=1))
    asyncio.set_event_loop(None)
    loop.close()
