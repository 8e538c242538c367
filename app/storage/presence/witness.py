"""Where lists stand, asked once for all requests that wait at the same time.

A request is never answered from a question that began before it came: it waits for the next one. So what it
is told was true at a moment after it came in.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

from app.crypto.instruments import Instruments
from app.domain.refusals import UnavailableError
from app.storage.presence.asking import lists_standing
from app.storage.presence.connecting import ASKING, DRIVER_ERRORS, Connect, Connection, declare_also

Rows = Mapping[int, Any]
"""By number, what lists_asked says of each list that shows its canaries."""

CatchUp = Callable[[Connection, Rows], Awaitable[None]]
"""Brings what is held in memory to where the lists stand."""

_SECONDS: Final = 1.0
"""A question that takes longer is given up, with its connection: there is time left for another way."""

_PLANNED_SECONDS: Final = 10.0
"""Plans are kept so long: one that was made while a table was small reads all of it when it has grown."""


class Witness:
    """One connection, one question at a time, and whoever waits for the next one."""

    def __init__(self, connect: Connect, instruments: Instruments, catch_up: CatchUp) -> None:
        self._connect = connect
        self._instruments = instruments
        self._catch_up = catch_up
        self._connection: Connection | None = None
        self._declared: frozenset[int] = frozenset()
        self._planned_at = 0.0
        self._waiting: list[tuple[frozenset[int], asyncio.Future[Rows]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def standing(self, numbers: Collection[int]) -> Rows:
        """Where these lists stand now. What is held of them is there by then. UnavailableError when it cannot
        be found out."""
        answer: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        self._waiting.append((frozenset(numbers), answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_for_all())
        return await answer

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        # A task that was cancelled before its first step has told nobody.
        self._asking = None
        taken, self._waiting = self._waiting, []
        _fail([answer for _, answer in taken], "closing")
        self._give_up()

    async def _ask_for_all(self) -> None:
        # Between the last look at who waits and the end of the task nothing is awaited: nobody is forgotten.
        while self._waiting:
            # Taken before anything is asked: who comes from now on waits for the next question.
            taken, self._waiting = self._waiting, []
            answers = [answer for _, answer in taken]
            try:
                async with asyncio.timeout(_SECONDS):
                    standing = await self._ask(frozenset[int]().union(*(numbers for numbers, _ in taken)))
            except (*DRIVER_ERRORS, UnavailableError) as failed:
                self._give_up()
                _fail(answers, type(failed).__name__)
            except BaseException:
                _fail([*answers, *(answer for _, answer in self._waiting)], "closing")
                self._waiting.clear()
                self._asking = None
                raise
            else:
                for answer in answers:
                    if not answer.done():
                        answer.set_result(standing)
        self._asking = None

    async def _ask(self, numbers: frozenset[int]) -> Rows:
        connection = await self._connected()
        self._declared = await declare_also(connection, self._declared, numbers)
        if time.monotonic() - self._planned_at > _PLANNED_SECONDS:
            await connection.execute("DISCARD PLANS")
            self._planned_at = time.monotonic()
        standing = await lists_standing(connection, self._instruments, numbers)
        await self._catch_up(connection, standing)
        return standing

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._declared = frozenset()
            self._connection = await self._connect(ASKING)
        return self._connection

    def _give_up(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
        self._declared = frozenset()


def _fail(answers: Collection[asyncio.Future[Rows]], reason: str) -> None:
    for answer in answers:
        if not answer.done():
            # The driver's own text can quote values, so it does not travel along.
            answer.set_exception(UnavailableError(reason))
            answer.exception()
