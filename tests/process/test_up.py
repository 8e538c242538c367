"""`up` as an operator meets it: from an empty folder, through kills, with several workers."""

import asyncio
import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.process.running import PATIENCE, ROOT, Running, command, environment, free_port, gone
from tests.registry_driver import PHONE, Driver, Party, question

pytestmark = pytest.mark.xdist_group("process")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def started() -> Iterator[list[Running]]:
    """Whatever a test starts is ended after it, also when it fails."""
    running: list[Running] = []
    yield running
    for each in running:
        if each.process.poll() is None:
            each.kill()


async def blocked_person(registry: Driver) -> Party:
    """A sender whose person has objected."""
    sender, agent = await registry.controller(), await registry.agent()
    await registry.objection(agent, await registry.mandate(agent), [sender.id])
    return sender


async def answers(client: httpx2.AsyncClient, sender: Party) -> list[tuple[int, str]]:
    """What a sender is told until the registry is certain again; a refused connection is no answer."""
    seen: list[tuple[int, str]] = []
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            asked = question(sender.id, PHONE)
            answer = await client.post("/v1/lookups", json=asked, headers=sender.headers)
        except httpx2.TransportError:
            await asyncio.sleep(0.05)
            continue
        body = answer.json()
        seen.append((answer.status_code, body.get("code") or body["results"][0]["code"]))
        if answer.status_code == 200:
            break
        await asyncio.sleep(0.05)
    return seen


def test_the_first_start_says_where_everything_is(folder: Path, started: list[Running]) -> None:
    started.append(Running(folder))
    said = started[0].said()
    assert started[0].url in said
    assert str(folder / "admin.json") in said
    for name in ("admin.json", "keys.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert started[0].stop() == 0
    assert started[0].admin()["client_secret"] not in said


async def test_an_acknowledged_objection_survives_a_kill_of_the_whole_program(
    folder: Path, started: list[Running]
) -> None:
    first = Running(folder)
    started.append(first)
    async with first.client() as client:
        sender = await blocked_person(first.driver(client))
    family = first.family()
    first.kill()
    assert gone(family), "postgres outlived the program"
    second = Running(folder, port=first.port)
    started.append(second)
    async with second.client() as client:
        assert await answers(client, sender) == [(200, "OBJ_DM")]
    assert second.stop() == 0


async def test_no_lookup_is_clear_while_a_killed_postmaster_comes_back(
    folder: Path, started: list[Running]
) -> None:
    started.append(Running(folder))
    async with started[0].client() as client:
        sender = await blocked_person(started[0].driver(client))
        for _ in range(3):
            os.kill(started[0].postmaster(), signal.SIGKILL)
            seen = await answers(client, sender)
            assert seen[-1] == (200, "OBJ_DM")
            assert {code for _, code in seen} <= {"OBJ_DM", "FACTS_UNREADABLE"}
    assert started[0].stop() == 0


async def test_a_database_that_stands_still_is_no_reason_to_wait_or_to_clear(
    folder: Path, started: list[Running]
) -> None:
    started.append(Running(folder))
    async with started[0].client() as client:
        sender = await blocked_person(started[0].driver(client))
        server = psutil.Process(started[0].postmaster())
        stopped = [server, *server.children(recursive=True)]
        for each in stopped:
            each.suspend()
        begun = time.monotonic()
        marketing = question(sender.id, PHONE)
        refused = await client.post("/v1/lookups", json=marketing, headers=sender.headers)
        assert (refused.status_code, refused.json()["code"]) == (503, "FACTS_UNREADABLE")
        assert time.monotonic() - begun < 8
        emergency = question(sender.id, PHONE, purpose="emergency")
        sure = await client.post("/v1/lookups", json=emergency, headers=sender.headers)
        assert [one["code"] for one in sure.json()["results"]] == ["DEGRADED_ALLOW"]
        for each in stopped:
            each.resume()
        assert (await answers(client, sender))[-1] == (200, "OBJ_DM")


async def test_program_and_postmaster_killed_together_leave_nothing_behind(
    folder: Path, started: list[Running]
) -> None:
    first = Running(folder)
    started.append(first)
    async with first.client() as client:
        sender = await blocked_person(first.driver(client))
    family = first.family()
    os.kill(first.postmaster(), signal.SIGKILL)
    first.kill()
    assert gone(family)
    second = Running(folder, port=first.port)
    started.append(second)
    async with second.client() as client:
        assert await answers(client, sender) == [(200, "OBJ_DM")]


async def test_several_workers_agree_and_a_killed_one_is_replaced(
    folder: Path, started: list[Running]
) -> None:
    running = Running(folder, "--workers", "2")
    started.append(running)
    async with running.client() as client:
        sender = await blocked_person(running.driver(client))
        told = [await answers(client, sender) for _ in range(20)]
        assert told == [[(200, "OBJ_DM")]] * 20
        workers = workers_of(running)
        assert len(workers) == 2
        workers[0].kill()
        assert (await answers(client, sender))[-1] == (200, "OBJ_DM")
    family = running.family()
    running.kill()
    assert gone(family), "a worker or postgres outlived the program"


async def test_a_worker_that_cannot_start_while_the_database_is_away_does_not_end_the_service(
    folder: Path, started: list[Running]
) -> None:
    running = Running(folder, "--workers", "2")
    started.append(running)
    async with running.client() as client:
        sender = await blocked_person(running.driver(client))
        database = psutil.Process(running.postmaster())
        still = [database, *database.children(recursive=True)]
        until = time.monotonic() + PATIENCE
        with suspended(still):
            workers_of(running)[0].kill()
            while "a worker did not start" not in running.said():
                assert time.monotonic() < until, running.said()
                assert running.process.poll() is None, running.said()
                await asyncio.sleep(0.05)
        assert (await answers(client, sender))[-1] == (200, "OBJ_DM")
    while len(workers_of(running)) < 2:
        assert time.monotonic() < until, running.said()
        await asyncio.sleep(0.05)
    assert running.stop() == 0


@contextmanager
def suspended(processes: list[psutil.Process]) -> Iterator[None]:
    for each in processes:
        each.suspend()
    try:
        yield
    finally:
        for each in processes:
            each.resume()


def workers_of(running: Running) -> list[psutil.Process]:
    return [one for one in running.family() if "spawn_main" in " ".join(one.cmdline())]


def test_a_port_in_use_ends_the_command_in_one_line(folder: Path, started: list[Running]) -> None:
    started.append(Running(folder))
    port = str(started[0].port)
    done = run("up", "--port", port, "--data-dir", str(folder.parent / "other"))
    assert done.returncode == 1
    assert "cannot listen on" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_second_program_on_the_same_folder_is_refused(folder: Path, started: list[Running]) -> None:
    started.append(Running(folder))
    done = run("up", "--port", str(free_port()), "--data-dir", str(folder))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "value"), [("SPARR_PROT", "8000"), ("SPARR_PORT", "eight")])
def test_a_setting_that_cannot_be_meant_stops_the_start(folder: Path, name: str, value: str) -> None:
    done = run("up", "--data-dir", str(folder), **{name: value})
    assert done.returncode == 1
    assert name in done.stderr
    assert value not in done.stderr
    assert not (folder / "pg").exists()


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )


def test_nobody_is_left_when_the_program_ends_as_it_should(folder: Path, started: list[Running]) -> None:
    started.append(Running(folder))
    family: list[psutil.Process] = started[0].family()
    assert started[0].stop() == 0
    assert gone(family, 2.0)
