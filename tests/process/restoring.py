"""Backup and restore as an operator does them, and what a registry answers before and after."""

import asyncio
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.process.running import PATIENCE, ROOT, command, environment
from tests.registry_driver import PHONE, Driver, Party, question


def sparr(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        env=environment(),
        cwd=ROOT,
        check=False,
        timeout=90,
    )


def done(*arguments: str) -> str:
    told = sparr(*arguments)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@contextmanager
def followed(kept: Path, data_dir: Path) -> Iterator[None]:
    """`backup --follow` beside a registry, until the end."""
    with (kept.parent / "follow.log").open("ab") as told:
        arguments = command("backup", str(kept), "--data-dir", str(data_dir), "--follow")
        following = subprocess.Popen(arguments, env=environment(), cwd=ROOT, stdout=told, stderr=told)
        try:
            yield
        finally:
            following.send_signal(signal.SIGTERM)
            following.wait(PATIENCE)


async def objected(registry: Driver) -> Party:
    """A sender to whom the person has objected."""
    sender, agent = await registry.controller(), await registry.agent()
    await registry.objection(agent, await registry.mandate(agent), [sender.id])
    return sender


async def asked(client: httpx2.AsyncClient, sender: Party) -> str:
    """The code that a lookup is answered with now."""
    answer = await client.post("/v1/lookups", json=question(sender.id, PHONE), headers=sender.headers)
    body = answer.json()
    return str(body["code"] if answer.status_code != 200 else body["results"][0]["code"])


def leaves(note: Path) -> int:
    return int(note.read_text().split("\n")[1]) if note.exists() else 0


async def settled(place: Path, more_than: int = 0) -> int:
    """How many leaves the kept checkpoint covers, once it is more than that and has come to rest."""
    until = time.monotonic() + PATIENCE
    before = -1
    while time.monotonic() < until:
        now = leaves(place)
        if now > more_than and now == before:
            return now
        before = now
        await asyncio.sleep(1.3)
    raise AssertionError(before)


def with_keys(made: Path, of: Path) -> Path:
    """A new data folder that holds the key ring alone."""
    made.mkdir(mode=0o700)
    shutil.copy2(of / "keys.json", made / "keys.json")
    return made


async def noticed(client: httpx2.AsyncClient, *failing: str) -> None:
    """Wait until exactly these checks fail."""
    for _ in range(50):
        if await failed(client) == list(failing):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(failing)


async def failed(client: httpx2.AsyncClient) -> list[str]:
    """The checks of readiness that fail now."""
    return [name for name, ok in (await ready(client)).items() if not ok]


async def ready(client: httpx2.AsyncClient) -> dict[str, bool]:
    return {check["name"]: check["ok"] for check in (await client.get("/readyz")).json()["checks"]}
