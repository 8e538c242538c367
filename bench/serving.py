"""Programs that a benchmark starts and ends: Sparr as its operator runs it, and the references."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.settings import PREFIX
from app.storage.embedded.identity import Identity
from bench.machine import ROOT

METRICS_TOKEN = "bench"  # noqa: S105 - opens the figures of a registry that lives for minutes
_PATIENCE = 60.0
_READY = re.compile(r"ready at http://127\.0\.0\.1:(\d+)")


@dataclass(slots=True)
class Program:
    """A running program that said on which port it listens."""

    process: subprocess.Popen[bytes]
    port: int

    def stop(self) -> None:
        """Let it end in order."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(command: Sequence[str], told: Path, **settings: str) -> Program:
    """Start a command that ends with this program, and wait until it says `ready at …`."""
    plain = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    itself = Identity("self", os.geteuid(), os.getegid())
    guarded = itself.command(Path(command[0]), *command[1:], at_parent_death=signal.SIGTERM)
    with told.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            guarded,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env={**plain, "PYTHONPATH": str(ROOT), **settings},
            start_new_session=True,
        )
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if ready := _READY.search(told.read_text(encoding="utf-8", errors="replace")):
            return Program(process, int(ready[1]))
        time.sleep(0.01)
    process.kill()
    process.wait()
    said = told.read_text(encoding="utf-8", errors="replace").strip()[-600:]
    raise RuntimeError(f"{' '.join(command[1:6])} did not start: {said}")


def start_sparr(folder: Path, workers: int) -> Program:
    """`sparr up` on a data folder, on a free port."""
    up = ["up", "--port", "0", "--data-dir", str(folder / "data"), "--workers", str(workers)]
    return start(
        [sys.executable, "-P", "-m", "app", *up], folder / "up.log", SPARR_METRICS_TOKEN=METRICS_TOKEN
    )


@contextmanager
def reference(module: str, folder: Path, *arguments: str) -> Iterator[int]:
    """A reference in a process of its own; its port."""
    command = [sys.executable, "-P", "-m", f"bench.references.{module}", *arguments]
    program = start(command, folder / f"{module}.log")
    try:
        yield program.port
    finally:
        program.stop()


def run(work: object) -> None:
    """On uvloop, as the server itself."""
    import uvloop  # noqa: PLC0415 - not on every system

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)  # type: ignore[arg-type]  # a coroutine of any answer
