"""A registry as its operator runs it: `up` in a process of its own, to be asked and to be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import httpx2
import psutil

from tests.registry_driver import Driver

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
NONE: Mapping[str, str] = MappingProxyType({})


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "app", *arguments]


def environment(**settings: str) -> dict[str, str]:
    plain = {name: text for name, text in os.environ.items() if not name.startswith("SPARR_")}
    return {**plain, "PYTHONPATH": str(ROOT), **settings}


class Running:
    """One `up`. Its log is kept, and read for the line that says that it is ready."""

    def __init__(
        self,
        data_dir: Path,
        *arguments: str,
        port: int | None = None,
        settings: Mapping[str, str] = NONE,
    ) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self.url = f"http://127.0.0.1:{self.port}"
        place = ("--port", str(self.port), "--data-dir", str(data_dir))
        before = self.said().count("ready at")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command("up", *place, *arguments),
                env=environment(**settings),
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )
        until = time.monotonic() + PATIENCE
        while self.said().count("ready at") == before:
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.02)

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def admin(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.data_dir / "admin.json").read_text())
        return found

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, timeout=20)

    def driver(self, client: httpx2.AsyncClient) -> Driver:
        return Driver(client, self.admin())

    def family(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    def postmaster(self) -> int:
        return int((self.data_dir / "pg" / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def gone(processes: list[psutil.Process], patience: float = 10.0) -> bool:
    """Whether all of these processes end by themselves."""
    _, alive = psutil.wait_procs(processes, timeout=patience)
    return not alive
