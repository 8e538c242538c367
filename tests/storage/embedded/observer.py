"""How the tests see a server: by its own answers, and by the processes it has."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from app.storage.embedded import EmbeddedAddress
from tests.architecture.repository import ROOT

PATIENCE_S = 10.0


async def connect(address: EmbeddedAddress, **login: str) -> Any:
    """A new connection. Tries again while no server listens."""
    usual = {"user": address.user, "password": address.password, "host": str(address.socket_dir)}
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await asyncpg.connect(**{**usual, **login}, port=address.port, database=address.database)
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.02)


async def ask(address: EmbeddedAddress, statement: str, **login: str) -> list[Any]:
    """The first column of what the statement returns, over a connection of its own."""
    connection = await connect(address, **login)
    try:
        return [row[0] for row in await connection.fetch(statement)]
    finally:
        await connection.close()


def running(folder: Path) -> set[int]:
    """The processes that work below the folder or have a cluster below it on their command line."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            at_home = (process / "cwd").readlink().is_relative_to(folder)
            named = f"{folder}/" in (process / "cmdline").read_text(errors="replace")
        except OSError:
            continue
        if at_home or named:
            found.add(int(process.name))
    return found


def command_lines(folder: Path) -> list[str]:
    """The command lines of those processes that are still there to be read."""
    lines = []
    for pid in running(folder):
        # A server process may end at any moment, for instance with its refused client.
        with suppress(OSError):
            lines.append(Path(f"/proc/{pid}/cmdline").read_text())
    return lines


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE_S / 0.002)):
        if condition():
            return
        await asyncio.sleep(0.002)
    raise TimeoutError


def seconds_until_gone(folder: Path) -> float:
    began = time.monotonic()
    while left := running(folder):
        assert time.monotonic() - began < PATIENCE_S, f"still running: {left}"
        time.sleep(0.01)
    return time.monotonic() - began


@dataclass(frozen=True, slots=True)
class Program:
    """Another program with an embedded server; see program.py."""

    process: subprocess.Popen[str]
    postmaster: int
    address: EmbeddedAddress


def launch_program(data_dir: Path, *words: str) -> subprocess.Popen[str]:
    script = Path(__file__).with_name("program.py")
    command = [sys.executable, str(script), str(data_dir), *words]
    return subprocess.Popen(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    )


@contextmanager
def program(data_dir: Path, *words: str) -> Iterator[Program]:
    process = launch_program(data_dir, *words)
    assert process.stdout is not None
    try:
        said = json.loads(process.stdout.readline())
        socket_dir = Path(said["socket_dir"])
        address = EmbeddedAddress(socket_dir, said["port"], said["user"], said["password"], said["database"])
        yield Program(process, said["pid"], address)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
