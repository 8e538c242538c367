"""Workers are replaced, and the master key exchanged, while clients go on asking and acting: nobody is
refused, nobody is answered differently."""

import asyncio
import signal
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psutil
import pytest

from app.crypto.keys import load_or_create
from app.storage.database import ANSWER_SECONDS
from tests.process.running import PATIENCE, ROOT, Running, command, environment
from tests.registry_driver import PHONE, Party, question

pytestmark = [pytest.mark.xdist_group("process"), pytest.mark.timeout(300)]

OTHER = "+46701740699"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    started = Running(tmp_path / "data", "--workers", "2")
    yield started
    if started.process.poll() is None:
        started.stop()


@dataclass
class Told:
    """What the clients were told, counted; a transport that fails counts too."""

    seen: Counter[str] = field(default_factory=Counter)
    slow: int = 0
    """Lookups for which this machine had no time within what a lookup may take: they are repeated."""

    async def look_up(self, running: Running, sender: Party, *, anew: bool) -> None:
        """One client, on a connection that it keeps or on a new one each time."""
        asked = {**question(sender.id, PHONE), "identifiers": [PHONE, OTHER]}
        headers = {**sender.headers, **({"Connection": "close"} if anew else {})}
        async with running.client() as client:
            while True:
                begun = time.monotonic()
                try:
                    answer = await client.post("/v1/lookups", json=asked, headers=headers)
                    if answer.status_code == 503 and time.monotonic() - begun > ANSWER_SECONDS:
                        self.slow += 1
                        continue
                    codes = [one["code"] for one in answer.json()["results"]]
                except (httpx2.TransportError, KeyError, ValueError) as failed:
                    codes = [type(failed).__name__]
                self.seen[" ".join(codes)] += 1
                await asyncio.sleep(0.05)

    async def repeat(self, running: Running, agent: Party, said: dict[str, object], body: str) -> None:
        """The same objection with the same key: the kept answer is unsealed each time."""
        headers = {**agent.headers, "Idempotency-Key": "again"}
        async with running.client() as client:
            while True:
                try:
                    answer = await client.post("/v1/objections", json=said, headers=headers)
                    told = "same" if answer.text == body else f"other {answer.status_code}"
                except httpx2.TransportError as failed:
                    told = type(failed).__name__
                self.seen[told] += 1
                await asyncio.sleep(0.1)


async def stream(running: Running, sender: Party, until: asyncio.Event) -> list[str]:
    """A list that is being sent while workers come and go: its rows, answered."""
    place = f"/v1/lookups/stream?controller_id={sender.id}&channel=sms&purpose=marketing&region=SE"

    async def rows() -> AsyncIterator[bytes]:
        while not until.is_set():
            yield f'"{PHONE}"\n'.encode()
            await asyncio.sleep(0.05)

    headers = {**sender.headers, "Content-Type": "application/x-ndjson", "Accept": "application/x-ndjson"}
    async with running.client() as client:
        answer = await client.post(place, content=rows(), headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text.splitlines()


def workers(running: Running) -> set[int]:
    found = set()
    for one in running.family():
        with suppress(psutil.NoSuchProcess):
            found |= {one.pid} if "spawn_main" in " ".join(one.cmdline()) else set()
    return found


async def replaced(running: Running) -> None:
    """Have the workers replaced, and wait until nobody of before is left."""
    before = workers(running)
    assert len(before) == 2
    running.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + 2 * PATIENCE
    while before & workers(running) or len(workers(running)) != 2:
        assert time.monotonic() < until
        await asyncio.sleep(0.1)


async def rotate(running: Running) -> str:
    arguments = command("keys", "rotate", "--data-dir", str(running.data_dir))
    done = await asyncio.to_thread(
        subprocess.run, arguments, capture_output=True, text=True, env=environment(), cwd=ROOT, check=False
    )
    assert done.returncode in {0, 1}
    return str(done.stdout + done.stderr)


async def test_nobody_notices_that_workers_are_replaced_and_the_master_key_is_exchanged(
    running: Running,
) -> None:
    before, told = load_or_create(running.data_dir / "keys.json"), Told()
    async with running.client() as client:
        driver = running.driver(client)
        sender, agent = await driver.controller(), await driver.agent()
        said = {
            "mandate_id": (await driver.mandate(agent))["id"],
            "kinds": ["art21_2"],
            "controllers": [sender.id],
            "identifiers": [{"type": "phone", "value": PHONE}],
        }
        headers = {**agent.headers, "Idempotency-Key": "again"}
        first = await client.post("/v1/objections", json=said, headers=headers)
        assert first.status_code == 201, first.text
    clients = [
        *(asyncio.create_task(told.look_up(running, sender, anew=anew)) for anew in (False, False, True)),
        asyncio.create_task(told.repeat(running, agent, said, first.text)),
    ]
    await asyncio.sleep(1)
    ended = asyncio.Event()
    streaming = asyncio.create_task(stream(running, sender, ended))
    assert "1 of 3" in await rotate(running)
    assert "another key ring" in await rotate(running)
    asyncio.get_running_loop().call_later(4, ended.set)
    await replaced(running)
    *rows, summary = await streaming
    assert len(rows) > 40
    assert all('"OBJ_DM"' in row for row in rows)
    assert summary.startswith('{"summary"')
    assert "2 of 3" in await rotate(running)
    await replaced(running)
    assert "3 of 3" in await rotate(running)
    await asyncio.sleep(1)
    for one in clients:
        one.cancel()
        with suppress(asyncio.CancelledError):
            await one
    assert told.seen.keys() == {"OBJ_DM NO_OBJECTION_FOUND", "same"}, told.seen
    assert told.slow < 5
    assert told.seen["OBJ_DM NO_OBJECTION_FOUND"] > 50
    after = load_or_create(running.data_dir / "keys.json")
    assert after.master_key != before.master_key
    assert (after.coming_master_key, after.former_master_key) == (None, None)
    assert after.fingerprint_key == before.fingerprint_key
