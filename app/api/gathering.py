"""Group commit: what waits in this process is written together.

One writer takes what is waiting and writes it in one transaction; whatever arrives meanwhile is the next
group. There is no delay: who is alone is a group of one. A request is answered after the commit that holds
its act, or told that it failed; none is left waiting.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Any, Final

import structlog
from fastapi import Response

from app.api.observing import anatomy
from app.domain.refusals import StatementError, UnavailableError
from app.storage.database import Database
from app.usecases.record_group import record_group
from app.usecases.repeat_act import StoredAnswer
from app.usecases.waiting_acts import Left, Outcome, Waiting

MOST: Final = 512
"""Acts of one group: more would keep the first of them waiting for the last."""

_BESIDE: Final = 4
"""Acts that run by themselves at the same time; the other connections are for those who read."""

_log = structlog.get_logger("sparr.gathering")


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """A request in the queue: its act, how to run it by itself, and where its answer is awaited. `context` is
    that of its request."""

    waiting: Waiting
    alone: Callable[[], Awaitable[Response]]
    answer: "asyncio.Future[StoredAnswer | Response]"
    context: Context
    numbers: frozenset[int] = frozenset()

    def fail(self) -> None:
        """Nobody knows whether it was committed: the request is repeated with the same key."""
        if not self.answer.done():
            self.answer.set_exception(UnavailableError("the group was not committed"))


class Gathering:
    """The writer of one process. What touches a list that another process is writing moves to a second queue,
    whose group waits for its lists: nobody else has to wait for them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queues: dict[bool, deque[_Place]] = {False: deque(), True: deque()}
        self._writers: dict[bool, asyncio.Task[None]] = {}
        self._beside = asyncio.Semaphore(_BESIDE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: Counter[int] = Counter()

    async def answer(
        self, waiting: Waiting, alone: Callable[[], Awaitable[Response]]
    ) -> StoredAnswer | Response:
        """The answer, once it is committed. A client that hangs up changes nothing about the act."""
        loop = asyncio.get_running_loop()
        place = _Place(waiting, alone, loop.create_future(), copy_context())
        # Nobody may be left to hear of a failure.
        place.answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._join([place], patient=False)
        return await asyncio.shield(place.answer)

    async def drain(self) -> None:
        """Wait until everybody who waits has been answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _join(self, places: Sequence[_Place], *, patient: bool) -> None:
        self._queues[patient].extend(places)
        writer = self._writers.get(patient)
        if writer is None or writer.done():
            self._writers[patient] = self._spawn(self._write_all(patient=patient))

    def _spawn(self, work: Coroutine[Any, Any, None], context: Context | None = None) -> asyncio.Task[None]:
        task = asyncio.create_task(work, context=context or Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _write_all(self, *, patient: bool) -> None:
        queue = self._queues[patient]
        try:
            while queue:
                group = [queue.popleft() for _ in range(min(MOST, len(queue)))]
                try:
                    await self._write(group, patient=patient)
                finally:
                    self._busy -= Counter(number for place in group for number in place.numbers)
        finally:
            while queue:
                queue.popleft().fail()

    async def _write(self, group: Sequence[_Place], *, patient: bool) -> None:
        outcomes: Sequence[Outcome] = ()
        try:
            outcomes = await self._committed(group, patient=patient)
        except UnavailableError as lost:
            if not isinstance(lost, StatementError):
                return
            outcomes = [Outcome(Left.ALONE)] * len(group)
        except Exception as raised:  # noqa: BLE001 -- whatever one act does to its group, the others are answered
            _log.error("group_failed", acts=len(group), failure=anatomy(raised))
            outcomes = [Outcome(Left.ALONE)] * len(group)
        finally:
            for place in group[len(outcomes) :]:
                place.fail()
        self._settle(group, outcomes)

    async def _committed(self, group: Sequence[_Place], *, patient: bool) -> list[Outcome]:
        async with self._database.write() as unit:
            busy = frozenset(self._busy)
            return await record_group(unit, [one.waiting for one in group], patient=patient, busy=busy)

    def _settle(self, group: Sequence[_Place], outcomes: Sequence[Outcome]) -> None:
        for place, outcome in zip(group, outcomes, strict=True):
            if outcome.said is Left.ALONE:
                self._spawn(self._alone(place), place.context)
            elif outcome.said is Left.HELD:
                self._busy.update(outcome.numbers)
                patient = _Place(place.waiting, place.alone, place.answer, place.context, outcome.numbers)
                self._join([patient], patient=True)
            else:
                place.answer.set_result(outcome.said)

    async def _alone(self, place: _Place) -> None:
        """By itself, in the context of its own request."""
        try:
            async with self._beside:
                place.answer.set_result(await place.alone())
        except Exception as raised:  # noqa: BLE001 -- the request that waits hears of it
            place.answer.set_exception(raised)
        finally:
            place.fail()
