"""Backup and restore as an operator does them: nothing that was acknowledged is lost, and a register that
lost something answers nothing until somebody says that it may."""

import asyncio
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from tests.process.running import PATIENCE, ROOT, Running, command, environment
from tests.registry_driver import PHONE, Driver, Party, question

pytestmark = pytest.mark.xdist_group("process")

Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts registries, and ends those that a test has not ended."""
    running: list[Running] = []

    def begin(folder: Path, port: int | None = None) -> Running:
        """The port belongs to the URL that tokens are issued for."""
        running.append(Running(folder, port=port))
        return running[-1]

    yield begin
    for each in running:
        if each.process.poll() is None:
            each.stop()


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


async def objected(registry: Driver) -> Party:
    """A sender to whom the person has objected."""
    sender, agent = await registry.controller(), await registry.agent()
    await registry.objection(agent, await registry.mandate(agent), [sender.id])
    return sender


async def asked(client: httpx2.AsyncClient, sender: Party) -> str:
    """The code that a lookup is answered with now."""
    answer = await client.post("/v1/lookups", json=question(sender.id, PHONE), headers=sender.headers)
    body = answer.json()
    return str(body["code"] if answer.status_code == 503 else body["results"][0]["code"])


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
        if [name for name, ok in (await ready(client)).items() if not ok] == list(failing):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(failing)


async def ready(client: httpx2.AsyncClient) -> dict[str, bool]:
    return {check["name"]: check["ok"] for check in (await client.get("/readyz")).json()["checks"]}


async def test_what_was_acknowledged_is_there_after_a_restore_and_what_came_later_is_missed(
    tmp_path: Path, start: Start
) -> None:
    first, kept = start(tmp_path / "data"), tmp_path / "kept"
    seen = first.data_dir / "checkpoint"
    async with first.client() as client:
        driver = first.driver(client)
        early = await objected(driver)
        whole = await settled(seen)
        done("backup", str(kept), "--data-dir", str(first.data_dir))
        done("verify", str(kept), "--data-dir", str(first.data_dir))
        late = await objected(driver)
        await settled(seen, whole)
    assert not [one for one in kept.rglob("*") if one.name in {"keys.json", "pg-password", "admin.json"}]
    first.kill()
    new = with_keys(tmp_path / "new", first.data_dir)
    done("restore", str(kept), "--data-dir", str(new))
    second = start(new, first.port)
    async with second.client() as client:
        assert await asked(client, early) == "OBJ_DM"
        assert set((await ready(client)).values()) == {True}
        assert json.loads(done("verify", "--data-dir", str(new), "--json"))["valid"] is True
        shutil.copy(seen, new / "checkpoint.newer")
        (new / "checkpoint.newer").replace(new / "checkpoint")
        await noticed(client, "JOURNAL")
        assert {await asked(client, early), await asked(client, late)} == {"FACTS_UNREADABLE"}
        refused = sparr("verify", "--data-dir", str(new))
        assert (refused.returncode, "rolled back" in refused.stdout) == (1, True)
        done("verify", "--data-dir", str(new), "--accept-loss")
        await noticed(client)
        assert await asked(client, early) == "OBJ_DM"


async def test_a_followed_registry_is_restored_to_its_last_act_and_to_any_moment(
    tmp_path: Path, start: Start
) -> None:
    first, kept = start(tmp_path / "data"), tmp_path / "kept"
    told = (tmp_path / "follow.log").open("wb")
    arguments = command("backup", str(kept), "--data-dir", str(first.data_dir), "--follow")
    following = subprocess.Popen(arguments, env=environment(), cwd=ROOT, stdout=told, stderr=told)
    try:
        async with first.client() as client:
            driver = first.driver(client)
            early = await objected(driver)
            before = await settled(kept / "checkpoint")
            moment = datetime.now(UTC)
            late = await objected(driver)
            await settled(kept / "checkpoint", before)
        first.kill()
    finally:
        following.send_signal(signal.SIGTERM)
        following.wait(PATIENCE)
        told.close()
    whole, back = (with_keys(tmp_path / name, first.data_dir) for name in ("whole", "back"))
    done("restore", str(kept), "--data-dir", str(whole))
    second = start(whole, first.port)
    async with second.client() as client:
        assert [await asked(client, one) for one in (early, late)] == ["OBJ_DM", "OBJ_DM"]
    second.stop()
    seen = ("--checkpoint", str(first.data_dir / "checkpoint"))
    done("restore", str(kept), "--data-dir", str(back), "--at", moment.isoformat(), *seen)
    third = start(back, first.port)
    async with third.client() as client:
        assert [name for name, ok in (await ready(client)).items() if not ok] == ["JOURNAL"]
        assert await asked(client, early) == "FACTS_UNREADABLE"
    assert leaves(back / "checkpoint") == leaves(first.data_dir / "checkpoint")


def test_what_cannot_be_restored_is_refused_and_leaves_nothing(tmp_path: Path, start: Start) -> None:
    first, kept = start(tmp_path / "data"), tmp_path / "kept"
    done("backup", str(kept), "--data-dir", str(first.data_dir))
    full = sparr("restore", str(kept), "--data-dir", str(first.data_dir))
    assert (full.returncode, "is not empty" in full.stderr) == (1, True)
    bare = tmp_path / "bare"
    bare.mkdir(mode=0o700)
    without = sparr("restore", str(kept), "--data-dir", str(bare))
    assert (without.returncode, "there is no key ring" in without.stderr) == (1, True)
    new = with_keys(tmp_path / "new", first.data_dir)
    early = sparr("restore", str(kept), "--data-dir", str(new), "--at", "2020-01-01T00:00:00Z")
    assert (early.returncode, "no copy" in early.stderr) == (1, True)
    late = sparr("restore", str(kept), "--data-dir", str(new), "--at", "2099-01-01T00:00:00Z")
    assert (late.returncode, "as late as that" in late.stderr) == (1, True)
    damaged = next(one for one in kept.glob("base-*/base/*/1259"))
    damaged.write_bytes(bytes([damaged.read_bytes()[0] ^ 1]) + damaged.read_bytes()[1:])
    for refused in (sparr("restore", str(kept), "--data-dir", str(new)), sparr("verify", str(kept))):
        assert (refused.returncode, "pg_verifybackup failed" in refused.stderr) == (1, True)
    assert [one.name for one in new.iterdir()] == ["keys.json"]
    assert not (tmp_path / "new.restoring").exists()
