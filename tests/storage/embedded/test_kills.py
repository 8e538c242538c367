"""Whatever is killed, with -9: what was acknowledged is there afterwards, and no process is left behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.storage.embedded import EmbeddedAddress, EmbeddedPostgres
from tests.storage.embedded.observer import (
    ask,
    connect,
    launch_program,
    program,
    running,
    seconds_until_gone,
    until,
)


async def write_until_cut_off(address: EmbeddedAddress, acknowledged: list[int]) -> None:
    """One commit after the other; a number is noted when the server has acknowledged it."""
    connection = await connect(address)
    await connection.execute("CREATE TABLE IF NOT EXISTS act (n int)")
    with contextlib.suppress(
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError
    ):
        while True:
            number = len(acknowledged)
            await connection.execute("INSERT INTO act VALUES ($1)", number)
            acknowledged.append(number)
    connection.terminate()


async def enough(acknowledged: list[int]) -> None:
    wanted = len(acknowledged) + 50
    await until(lambda: len(acknowledged) >= wanted)


async def keep_busy(address: EmbeddedAddress) -> Any:
    """A backend that computes, and so does not notice that its postmaster is gone."""
    connection = await connect(address)
    busy = asyncio.ensure_future(connection.fetch("SELECT count(*) FROM generate_series(1, 1000000000)"))
    await asyncio.sleep(0.2)
    return connection, busy


async def let_go(connection: Any, busy: asyncio.Future[Any]) -> None:
    connection.terminate()
    await asyncio.gather(busy, return_exceptions=True)


async def test_acknowledged_commits_survive_the_postmaster_again_and_again(data_dir: Path) -> None:
    events: list[str] = []
    server = EmbeddedPostgres(data_dir, on_event=events.append)
    acknowledged: list[int] = []
    with server as address:
        for _ in range(3):
            writing = asyncio.ensure_future(write_until_cut_off(address, acknowledged))
            await enough(acknowledged)
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            await writing
            found = set(await ask(address, "SELECT n FROM act"))
            assert set(acknowledged) <= found
            acknowledged.extend(sorted(found - set(acknowledged)))
    assert events[::2] == ["postgres stopped unexpectedly, restarting"] * 3
    assert all("ready again after" in event for event in events[1::2])


async def test_a_backend_that_goes_on_computing_does_not_delay_the_new_postmaster(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    with server as address:
        connection, busy = await keep_busy(address)
        old = running(data_dir)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        began = time.monotonic()
        await asyncio.sleep(0.1)
        assert await ask(address, "SELECT 1") == [1]
        assert time.monotonic() - began < 3
        assert old & running(data_dir) == set()
        await let_go(connection, busy)


async def test_a_killed_backend_is_the_postmasters_own_affair(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    with server as address:
        postmaster = server.pid
        connection = await connect(address)
        os.kill(await connection.fetchval("SELECT pg_backend_pid()"), signal.SIGKILL)
        connection.terminate()
        await asyncio.sleep(0.2)
        assert await ask(address, "SELECT 1") == [1]
        assert server.pid == postmaster


async def test_a_listener_that_fails_does_not_bring_the_server_down(data_dir: Path) -> None:
    def fail(text: str) -> None:
        raise RuntimeError(text)

    server = EmbeddedPostgres(data_dir, on_event=fail)
    with server as address:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await asyncio.sleep(0.1)
        assert await ask(address, "SELECT 1") == [1]


async def test_a_server_that_cannot_come_back_yet_comes_back_later(data_dir: Path) -> None:
    events: list[str] = []
    server = EmbeddedPostgres(data_dir, on_event=events.append)
    with server as address:
        assert server.pid is not None
        (data_dir / "pg" / "global").rename(data_dir / "aside")
        os.kill(server.pid, signal.SIGKILL)
        await until(lambda: any("did not start" in event for event in events))
        (data_dir / "aside").rename(data_dir / "pg" / "global")
        assert await ask(address, "SELECT 1") == [1]


async def test_stopping_works_while_the_server_cannot_come_back(data_dir: Path) -> None:
    events: list[str] = []
    server = EmbeddedPostgres(data_dir, on_event=events.append)
    server.start()
    assert server.pid is not None
    (data_dir / "pg" / "global").rename(data_dir / "aside")
    os.kill(server.pid, signal.SIGKILL)
    await until(lambda: any("did not start" in event for event in events))
    server.stop()
    assert running(data_dir) == set()


async def test_killing_the_program_leaves_no_process_and_loses_nothing(data_dir: Path) -> None:
    acknowledged: list[int] = []
    with program(data_dir) as killed:
        writing = asyncio.ensure_future(write_until_cut_off(killed.address, acknowledged))
        await enough(acknowledged)
        killed.process.kill()
        assert seconds_until_gone(data_dir) < 5
        await writing
    with EmbeddedPostgres(data_dir) as address:
        assert set(acknowledged) <= set(await ask(address, "SELECT n FROM act"))


async def test_a_program_can_be_started_again_the_moment_it_was_killed(data_dir: Path) -> None:
    acknowledged: list[int] = []
    with program(data_dir) as killed:
        connection, busy = await keep_busy(killed.address)
        writing = asyncio.ensure_future(write_until_cut_off(killed.address, acknowledged))
        await enough(acknowledged)
        killed.process.kill()
        killed.process.wait()
        with EmbeddedPostgres(data_dir) as address:
            await writing
            assert set(acknowledged) <= set(await ask(address, "SELECT n FROM act"))
        await let_go(connection, busy)


@pytest.mark.parametrize("program_first", [True, False])
async def test_killing_program_and_postmaster_loses_nothing(data_dir: Path, *, program_first: bool) -> None:
    acknowledged: list[int] = []
    with program(data_dir) as killed:
        connection, busy = await keep_busy(killed.address)
        writing = asyncio.ensure_future(write_until_cut_off(killed.address, acknowledged))
        await enough(acknowledged)
        both = (killed.process.pid, killed.postmaster)
        for pid in both if program_first else reversed(both):
            os.kill(pid, signal.SIGKILL)
        killed.process.wait()
        await writing
        with EmbeddedPostgres(data_dir) as address:
            assert set(acknowledged) <= set(await ask(address, "SELECT n FROM act"))
            assert killed.postmaster not in running(data_dir)
        await let_go(connection, busy)


def test_a_frozen_postmaster_of_a_killed_program_is_replaced(data_dir: Path) -> None:
    with program(data_dir) as killed:
        os.kill(killed.postmaster, signal.SIGSTOP)
        killed.process.kill()
        killed.process.wait()
        with EmbeddedPostgres(data_dir):
            assert killed.postmaster not in running(data_dir)


@pytest.mark.parametrize("sign", ["pg.making", "pg.making/global", "pg.making/base/5", "pg"])
async def test_a_cluster_half_made_by_a_killed_program_is_made_anew(fresh_dir: Path, sign: str) -> None:
    process = launch_program(fresh_dir)
    await until((fresh_dir / sign).exists)
    process.kill()
    process.communicate()
    with EmbeddedPostgres(fresh_dir) as address:
        assert await ask(address, "SELECT current_database()::text") == ["sparr"]
    assert not (fresh_dir / "pg.making").exists()


@pytest.mark.parametrize("stranger", ["alive", "zombie", "unreadable"])
def test_a_process_id_that_came_round_again_does_not_stop_the_start(data_dir: Path, stranger: str) -> None:
    server = EmbeddedPostgres(data_dir)
    server.start()
    lock = (data_dir / "pg" / "postmaster.pid").read_text()
    server.stop()
    with subprocess.Popen(["sleep", "60"]) as other:
        if stranger == "zombie":
            other.kill()
            time.sleep(0.1)
        named = "\0\0" if stranger == "unreadable" else "\n".join([str(other.pid), *lock.splitlines()[1:]])
        (data_dir / "pg" / "postmaster.pid").write_text(named)
        server.start()
        server.stop()
        other.kill()
