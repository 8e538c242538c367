"""The registry under proof: `serve` with several workers on each server of a pair, behind proxies that
clients know as the one who writes and the one who reads."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil

from app.storage.embedded.identity import Identity
from tests.process.running import command, environment, free_port
from tests.proofs.pair import PATIENCE, Pair
from tests.proofs.proxy import Mode, Proxy
from tests.registry_driver import Driver

WORKERS = 2
LONGEST_START = 120.0
_SEEN_AGAIN = 2.0


class Service:
    """One `serve`, that can be killed and started anew on the same port."""

    def __init__(self, folder: Path, name: str, public_url: str) -> None:
        self.port = free_port()
        self.name = name
        self.url = ""
        self.log = folder / f"{name}.log"
        self._folder = folder
        self.settings = {
            "SPARR_KEYS_FILE": str(folder / "keys.json"),
            "SPARR_DATA_DIR": str(folder / name),
            "SPARR_WASH_DIR": str(folder / "washes"),
            "SPARR_PUBLIC_URL": public_url,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, url: str = "", **settings: str) -> None:
        """Serve from this database, or from the same as before; again until it can."""
        self.url = url or self.url
        until = time.monotonic() + LONGEST_START
        while not self.tried(**settings):
            # The database is on its way back, or a worker of before still has the port.
            if time.monotonic() > until:
                raise AssertionError(f"{self.name} does not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.2)

    def tried(self, **settings: str) -> bool:
        """One attempt: True when somebody answers, False when the program has ended."""
        serve = command("serve", "--port", str(self.port), "--workers", str(WORKERS))
        ends_with_us = Identity("self", os.geteuid(), os.getegid())
        guarded = ends_with_us.command(Path(serve[0]), *serve[1:], at_parent_death=signal.SIGKILL)
        told = environment(**{**self.settings, "SPARR_DATABASE_URL": self.url, **settings})
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                guarded, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=told, start_new_session=True
            )
        until = time.monotonic() + LONGEST_START
        while time.monotonic() < until:
            with contextlib.suppress(httpx2.HTTPError):
                httpx2.get(f"http://127.0.0.1:{self.port}/livez", timeout=2)
                return True
            if self._process.poll() is not None:
                return False
            time.sleep(0.02)
        return False

    async def ready(self) -> None:
        """Wait until it answers, and says that it may be asked."""
        async with httpx2.AsyncClient(timeout=5) as client:
            await _ready(client, self.port)

    def workers(self) -> list[psutil.Process]:
        """Its server processes."""
        if self._process is None:
            return []
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(self._process.pid).children(recursive=True)
            return [one for one in family if "spawn_main" in " ".join(one.cmdline())]
        return []

    def kill(self) -> None:
        """All of it, at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None


@dataclass(slots=True)
class People:
    """Who asks and who objects: what a client process must know."""

    writes: int
    reads: int
    controller: str
    mandate: str
    agent: dict[str, str]
    sender: dict[str, str]


@dataclass(slots=True)
class Registry:
    """Both services, both proxies, and the pair below them."""

    folder: Path
    pair: Pair
    writes: Proxy = field(default_factory=lambda: Proxy(0))
    reads: Proxy = field(default_factory=lambda: Proxy(0))
    writer: Service = field(init=False)
    reader: Service = field(init=False)
    people: People = field(init=False)
    restarted: int = 0
    """How often a server stayed in recovery with nobody who recovers, and was restarted."""

    async def begin(self, **settings: str) -> None:
        """From nothing to a registry that answers on both servers."""
        await asyncio.to_thread(self.pair.primary.start)
        await self.writes.start()
        await self.reads.start()
        public_url = f"http://127.0.0.1:{self.writes.port}"
        self.writer = Service(self.folder, "one", public_url)
        self.reader = Service(self.folder, "two", public_url)
        await asyncio.to_thread(self._migrate)
        await self.pair.attach()
        await self.serve(**settings)
        self.people = await self._furnish()

    async def serve(self, **settings: str) -> None:
        """Both services on the pair as it stands."""
        await asyncio.gather(
            asyncio.to_thread(self.writer.start, self.pair.primary.url, **settings),
            asyncio.to_thread(self.reader.start, self.pair.standby.url, **settings),
        )
        self._aim()

    async def promote(self) -> None:
        """The primary and its service are destroyed. Who read the standby writes to it from now on."""
        self.writer.kill()
        await self.pair.promote()
        self.writer, self.reader = self.reader, self.writer
        self._aim()

    async def fail_over(self) -> None:
        """The same, with a new standby and a service that reads it. The writer's connections of before were
        read-only; they go when their server has restarted."""
        await self.promote()
        await self.pair.attach()
        await asyncio.to_thread(self.reader.start, self.pair.standby.url)
        self._aim()

    async def heal(self) -> None:
        """Wait until both answer again."""
        for proxy in (self.writes, self.reads):
            proxy.mode = Mode.PASS
        restarting = asyncio.create_task(self._restart_whoever_stays_in_recovery())
        try:
            for service in (self.writer, self.reader):
                await service.ready()
        finally:
            restarting.cancel()

    async def _restart_whoever_stays_in_recovery(self) -> None:
        """As an operator would: what is seen twice is no moment in between."""
        while True:
            for server in (self.pair.primary, self.pair.standby):
                if await server.nobody_recovers():
                    await asyncio.sleep(_SEEN_AGAIN)
                    if await server.nobody_recovers():
                        server.processes()[0].kill()
                        self.restarted += 1
            await asyncio.sleep(_SEEN_AGAIN)

    def stop(self) -> None:
        """End everything."""
        for service in (self.writer, self.reader):
            service.kill()
        for proxy in (self.writes, self.reads):
            proxy.stop()
        self.pair.stop()

    def _aim(self) -> None:
        self.writes.target, self.reads.target = self.writer.port, self.reader.port

    def _migrate(self) -> None:
        told = {**self.writer.settings, "SPARR_DATABASE_URL": self.pair.primary.url}
        subprocess.run(
            command("migrate"), env=environment(**told), check=True, capture_output=True, cwd=self.folder
        )

    async def _furnish(self) -> People:
        admin = self.folder / "one" / "admin.json"
        async with driving(self.writer.port, admin) as driver:
            sender, agent = await driver.controller(), await driver.agent()
            mandate = await driver.mandate(agent, rights=["object_dm", "withdraw_objection"])
        ports = (self.writes.port, self.reads.port)
        return People(*ports, sender.id, mandate["id"], agent.credential, sender.credential)


@asynccontextmanager
async def driving(port: int, admin: Path) -> AsyncIterator[Driver]:
    """Drives a service with the credential of its first admin."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield Driver(client, json.loads(admin.read_text()))


async def _ready(client: httpx2.AsyncClient, port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(httpx2.HTTPError):
            if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                return
        await asyncio.sleep(0.05)
    raise AssertionError("a service does not come back")


class ClientProcess:
    """Clients in a process of their own, that records what they see."""

    def __init__(self, people: People, folder: Path, number: int, seed: int, **options: Any) -> None:
        self.record = folder / f"record-{number}.jsonl"
        told = {**asdict(people), "record": str(self.record), "number": number, "seed": seed, **options}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.proofs.clients", json.dumps(told)],
            env=environment(),
            cwd=folder,
            stderr=(folder / f"clients-{number}.log").open("ab"),
        )

    def stop(self) -> None:
        """Let them finish what they are at."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def check(self) -> None:
        """Fail when it ended by itself."""
        assert self._process.poll() is None, "the clients ended by themselves"
