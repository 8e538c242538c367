"""The journal as it is kept by `up`, exported and verified from the command line, through kills."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.process.running import PATIENCE, ROOT, Running, command, environment

pytestmark = pytest.mark.xdist_group("process")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Two workers, of which one at a time is the sequencer."""
    started = Running(tmp_path / "data", "--workers", "2")
    yield started
    if started.process.poll() is None:
        started.stop()


def sparr(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, env=environment(), cwd=ROOT, check=False
    )


async def settled(client: httpx2.AsyncClient, headers: dict[str, str], leaves: int) -> int:
    """The size of the journal once it has at least so many leaves."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        answer = await client.get("/v1/journal/checkpoint", headers=headers)
        if answer.status_code == 200 and (size := int(answer.text.split("\n")[1])) >= leaves:
            return size
        await asyncio.sleep(0.1)
    raise AssertionError(leaves)


def verified(running: Running, tmp_path: Path, *flags: str) -> dict[str, object]:
    folder = tmp_path / f"export{len(flags)}"
    exported = sparr("journal", "export", str(folder), *flags, "--data-dir", str(running.data_dir))
    assert exported.returncode == 0, exported.stderr
    told = sparr("journal", "verify", str(folder), "--json")
    found: dict[str, object] = json.loads(told.stdout)
    assert (told.returncode, found["findings"]) == (0, [])
    return found


async def test_the_journal_goes_on_through_kills_and_verifies_from_the_command_line(
    running: Running, tmp_path: Path
) -> None:
    seen = tmp_path / "seen.note"
    follow = ("journal", "verify", "--url", running.url, "--data-dir", str(running.data_dir))
    async with running.client() as client:
        driver = running.driver(client)
        headers = (await driver.admin()).headers
        for _ in range(5):
            await driver.controller()
        before = await settled(client, headers, 10)
        first = sparr(*follow, "--checkpoint", str(seen))
        assert first.returncode == 0, first.stdout + first.stderr
        workers = [one for one in running.family() if one.name().startswith("python")]
        assert workers
        for worker in workers:
            os.kill(worker.pid, signal.SIGKILL)
        made = 0
        until = time.monotonic() + PATIENCE
        while made < 5 and time.monotonic() < until:
            try:
                await driver.controller()
                made += 1
            except (httpx2.TransportError, AssertionError, KeyError):
                await asyncio.sleep(0.2)
        assert made == 5
        after = await settled(client, headers, before + 10)
        assert after > before
        second = sparr(*follow, "--checkpoint", str(seen))
        assert second.returncode == 0, second.stdout + second.stderr
        assert int(seen.read_text().split("\n")[1]) >= after
    size = verified(running, tmp_path)["size"]
    assert isinstance(size, int)
    assert size >= after
    assert verified(running, tmp_path, "--tiles")["size"] == size


def test_an_export_needs_a_running_registry(tmp_path: Path) -> None:
    refused = sparr("journal", "export", str(tmp_path / "out"), "--data-dir", str(tmp_path))
    assert refused.returncode == 1
    assert "there is no key ring" in refused.stderr


def test_what_is_no_export_is_told_in_one_line(tmp_path: Path) -> None:
    refused = sparr("journal", "verify", str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "no export" in refused.stderr
