"""P4: repeating any POST is harmless, for ever.

Every POST of the document is sent up to six times at once with the same Idempotency-Key and the same body,
while workers and the database are killed; whoever gets no answer repeats it. All answers of a key are alike,
byte for byte, and what happened of it happened once, by the events of its digest, which no other one has.
"""

import asyncio
import hashlib
import json
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2
import psutil

from app.cli.checking import document
from app.crypto.instruments import instruments
from app.crypto.keys import load_or_create
from app.main import open_database
from app.usecases.receive_wash import Laundry
from tests.contract.examples import operations, read
from tests.contract.world import QUERIES, World, furnish
from tests.process.running import command, environment
from tests.proofs.disks import Disk, own_mounts
from tests.proofs.findings import Finding, Wanted
from tests.proofs.pair import Server
from tests.proofs.registry import Service, driving
from tests.registry_driver import Driver, Json

PROMISE = "Repeating any POST is harmless, for ever."
REQUESTS, SHORT_REQUESTS, SUITE_REQUESTS = 100_000, 5_000, 60
MOST_ATTEMPTS = 6
_AT_ONCE = 20
_PAUSE = 0.2
_LONGEST, _RENEWED = 300.0, 240.0
_TRIES = 200
_WORLD_LASTS = 1_000
"""Requests. Agents are suspended on the way, credentials revoked, mandates ended: in the end hardly anything
could be done."""
_AGAIN = {0, 409, 503}
CASCADING = {"contest_mandate", "close_mandate", "supersede_mandate", "recheck_mandate", "review_mandate"}
"""Acts at a mandate that reach its objections, with an event for each of them."""
CASCADES = {"objection.contested", "objection.cleared", "objection.voided", "objection.level_raised"}

Say = Callable[[str], None]


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
    world: World | None = None
    sent: dict[str, Sent] = field(default_factory=dict)
    answers: dict[str, set[tuple[int, bytes]]] = field(default_factory=dict)
    operations: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    kills: int = 0
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

    async def furnish(self) -> None:
        """Have a new world to act in."""
        async with self.calm:
            await self.service.ready()
            self.world = await self.furnished()
            self._renewed = time.monotonic()


async def prove(wanted: Wanted, say: Say) -> Finding:
    """One run."""
    finding = Finding("p4", PROMISE, wanted)
    usual = SUITE_REQUESTS if wanted.suite else SHORT_REQUESTS if wanted.short else REQUESTS
    async with _registry(wanted) as at:
        chosen = list(zip(range(wanted.faults or usual), cycle(_posts()), strict=False))
        killing = asyncio.create_task(at.kill_now_and_then())
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{at.service.port}") as client:
            await _send_all(at, client, chosen, say)
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
        await _judge(at, finding)
        finding.demand("requests", len(at.answers), wanted.faults or usual)
        finding.demand("kills", at.kills, 1)
        finding.demand("POST operations", len(at.operations), len(list(_posts())))
    return finding.done()


@asynccontextmanager
async def _registry(wanted: Wanted) -> AsyncIterator[Repeating]:
    folder = Path(tempfile.mkdtemp(prefix="sparr-prove-"))
    folder.chmod(0o711)
    disk = Disk.make(folder / "a", mounting=own_mounts())
    server = Server("only", disk)
    service = Service(folder, "one", "http://127.0.0.1:1")
    try:
        await asyncio.to_thread(server.start)
        settings = {**service.settings, "SPARR_DATABASE_URL": server.url}
        subprocess.run(command("migrate"), env=environment(**settings), check=True, capture_output=True)
        await asyncio.to_thread(service.start, server.url)
        chance = random.Random(wanted.seed)  # noqa: S311 - to be repeated
        async with driving(service.port, folder / "one" / "admin.json") as driver:
            furnished = partial(_furnished, server.url, folder, driver)
            yield Repeating(folder, server, service, chance, 3.0 if wanted.suite else 15.0, furnished)
    finally:
        service.kill()
        server.stop()
        disk.remove()
        shutil.rmtree(folder, ignore_errors=True)


async def _furnished(url: str, folder: Path, driver: Driver) -> World:
    database = open_database(url, load_or_create(folder / "keys.json"), "http://127.0.0.1:1")
    try:
        return await furnish(driver, (database, Laundry(folder / "washes", timedelta(hours=24))))
    finally:
        await database.dispose()


def _posts() -> Iterator[tuple[str, Json]]:
    """Path and operation of every POST of the document."""
    for method, path, operation in operations(json.loads(document())):
        if method == "POST":
            yield path, operation


async def _send_all(
    at: Repeating, client: httpx2.AsyncClient, chosen: list[tuple[int, tuple[str, Json]]], say: Say
) -> None:
    waiting = iter(chosen)
    await at.furnish()

    async def send_on() -> None:
        for number, one in waiting:
            if number and number % _WORLD_LASTS == 0:
                await at.furnish()
            await at.renew()
            await at.several(client, _made(at, number, *one), str(number))
            if len(at.answers) % 100 == 0:
                say(f"{len(at.answers):,} requests, {at.attempts:,} attempts, {at.kills} kills")

    await asyncio.gather(*(send_on() for _ in range(_AT_ONCE)))


def _made(at: Repeating, number: int, path: str, operation: Json) -> Sent:
    """The example of an operation, made real and unlike any other: by spaces where it is JSON."""
    assert at.world is not None
    name = operation["operationId"]
    headers, body = at.world.prepared(operation, at.world.real(read(operation).get("request")))
    request = httpx2.Request("POST", "http://any", **body)
    content = request.content
    if "json" in body:
        content += "".join(" \t"[int(bit)] for bit in f"{number:020b}").encode()
    media = request.headers.get("content-type")
    if media:
        headers = {"Content-Type": media, **headers}
    keyed = "Idempotency-Key" in headers
    query = at.world.real(QUERIES.get(name))
    return Sent(name, keyed, at.world.path_of(path), query, headers, content)


async def _judge(at: Repeating, finding: Finding) -> None:
    """One answer for each key, and no act done twice."""
    finding.counts |= {
        "requests": len(at.answers),
        "attempts": at.attempts,
        "replayed": at.replayed,
        "kills": at.kills,
        "operations": dict(sorted(at.operations.items())),
    }
    for key, found in at.answers.items():
        sent, statuses = at.sent[key], sorted(status for status, _ in found)
        # Without a key it is the thing that is known again: the list of a register under its date, and so on.
        same = len(found) == 1 if sent.keyed else len({_kind_of(status) for status in statuses}) == 1
        if not same or statuses[-1] >= 500:
            finding.violations.append([f"{sent.operation}: answered {statuses}"])
    finding.violations += [[f"done twice: {row}"] for row in await _doubled(at)]
    finding.counts["statuses"] = dict(
        Counter(str(status) for found in at.answers.values() for status, _ in found)
    )


async def _doubled(at: Repeating) -> list[str]:
    """Requests that left no event, or more of a kind than they have items."""
    told = instruments(load_or_create(at.folder / "keys.json"), "http://127.0.0.1:1")
    connection = await at.server.superuser()
    rows = await connection.fetch(
        "SELECT request_digest, kind, outcome, count(*) AS events FROM registry.event "
        "WHERE request_digest IS NOT NULL GROUP BY request_digest, kind, outcome"
    )
    connection.terminate()
    events: dict[bytes, dict[tuple[str, str], int]] = {}
    for row in rows:
        events.setdefault(row["request_digest"], {})[row["kind"], row["outcome"]] = row["events"]
    found: list[str] = []
    for sent in at.sent.values():
        if not (sent.keyed and sent.headers.get("Content-Type") == "application/json"):
            continue
        digest = hashlib.sha256(sent.content).hexdigest()
        of_key = events.get(told.fingerprints.text("subject", f"digest {digest}").bytes, {})
        items = len(json.loads(sent.content).get("items", [1])) if sent.content.strip() else 1
        beside = CASCADES if sent.operation in CASCADING else set()
        most = max((count for (kind, _), count in of_key.items() if kind not in beside), default=0)
        if not 1 <= most <= items:
            found.append(f"{sent.operation}: {of_key} for {items}")
    return found


def _kind_of(status: int) -> str:
    """Whether it was done; what was there already (200), or goes one at a time (429), is no other outcome."""
    return "done" if status in {200, 201, 202, 429} else str(status)
