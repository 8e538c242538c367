"""A registry whose workers and database are killed while requests are repeated, and what came of each."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil

from tests.contract.world import World
from tests.proofs.pair import Server
from tests.proofs.registry import Service

MOST_ATTEMPTS = 6
_PAUSE = 0.2
_LONGEST, _RENEWED = 300.0, 240.0
_TRIES = 200
_REFUSED = 300
_AGAIN = {0, 409, 503}


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, to be sent several times; `keyed` when its operation takes an Idempotency-Key."""

    operation: str
    keyed: bool
    path: str
    query: Any
    headers: dict[str, str]
    content: bytes


@dataclass(slots=True)
class Repeating:
    """The registry, and what came of each request."""

    folder: Path
    server: Server
    service: Service
    chance: random.Random
    longest_calm: float
    """Seconds between two kills at most."""
    furnished: Callable[[], Awaitable[World]]
    """Makes one of everything that an example can name."""
    calm: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Nobody is killed by who does not have it."""
    worlds: asyncio.Queue[World] = field(default_factory=lambda: asyncio.Queue(1))
    world: World | None = None
    sent: dict[str, Sent] = field(default_factory=dict)
    answers: dict[str, set[tuple[int, bytes]]] = field(default_factory=dict)
    operations: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    kills: int = 0
    unanswered: int = 0
    """Attempts that the registry did not answer, or with "repeat it"."""
    done: Counter[str] = field(default_factory=Counter)
    """Requests of each operation that were not refused."""
    replayed: int = 0
    _renewed: float = 0.0

    async def answered(self, client: httpx2.AsyncClient, sent: Sent) -> tuple[int, bytes]:
        """One attempt: repeated until it is answered."""
        until = time.monotonic() + _LONGEST
        while True:
            self.attempts += 1
            status, body = 0, b""
            with suppress(httpx2.HTTPError):
                answer = await client.post(
                    sent.path, params=sent.query, headers=sent.headers, content=sent.content, timeout=20
                )
                status, body = answer.status_code, answer.content
                self.replayed += answer.headers.get("Idempotency-Replayed") == "true"
            self.unanswered += status in {0, 503}
            running = status == 409 and b"IDEMPOTENCY_IN_PROGRESS" not in body
            if status not in _AGAIN or running:
                return status, body
            assert time.monotonic() < until, f"{sent.operation} is not answered"
            await asyncio.sleep(_PAUSE)

    async def several(self, client: httpx2.AsyncClient, sent: Sent, key: str) -> None:
        """So many attempts at once, and more one after another."""
        attempts = self.chance.randint(1, MOST_ATTEMPTS)
        at_once = self.chance.randint(1, attempts)
        found = await asyncio.gather(*(self.answered(client, sent) for _ in range(at_once)))
        found += [await self.answered(client, sent) for _ in range(attempts - at_once)]
        self.answers[key] = {(status, body if sent.keyed else b"") for status, body in found}
        self.sent[key] = sent
        self.operations[sent.operation] += 1
        self.done[sent.operation] += all(status < _REFUSED for status, _ in found)

    async def renew(self) -> None:
        """Tokens last ten minutes."""
        assert self.world is not None
        if time.monotonic() - self._renewed < _RENEWED:
            return
        self._renewed = time.monotonic()
        registry = self.world.registry
        for name, party in self.world.parties.items():
            for _ in range(_TRIES):
                with suppress(httpx2.HTTPError, AssertionError):
                    admin = await registry.admin()
                    party.token = admin.token if name == "admin" else await registry.token(party.credential)
                    break
                await asyncio.sleep(0.1)

    async def kill_now_and_then(self) -> None:
        """A worker or the database, again when they are back."""
        while True:
            await asyncio.sleep(self.chance.uniform(0.2, self.longest_calm))
            await self.service.ready()
            async with self.calm:
                victims = self.chance.choice((self.service.workers()[:1], self.server.processes()[:1]))
                for each in victims:
                    with suppress(psutil.Error):
                        each.send_signal(signal.SIGKILL)
                        self.kills += 1

    async def furnish_on(self, at_once: int) -> None:
        """Have worlds to act in, made while nobody is killed."""
        while True:
            async with self.calm:
                await self.service.ready()
                made = await asyncio.gather(*(self._world() for _ in range(at_once)))
            for world in made:
                await self.worlds.put(world)

    async def _world(self) -> World:
        """Begun again when a connection that the last kill ended is met on the way."""
        for _ in range(_TRIES):
            with suppress(httpx2.HTTPError, AssertionError):
                return await self.furnished()
            await asyncio.sleep(0.1)
        return await self.furnished()

    async def move_on(self) -> None:
        """Into the next world."""
        self.world = await self.worlds.get()
        self._renewed = time.monotonic()
