"""A registry as a reader starts it: a real `sparr up` on a free port, in a folder of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.repository import ROOT

READY = re.compile(r"ready at (\S+)")
PROGRAM = [sys.executable, "-P", "-m", "app"]


def environment(**settings: str) -> dict[str, str]:
    """What the launcher gives the program: this repository and no other, and no setting of the developer."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("SPARR_")}
    return {**clean, "PYTHONPATH": str(ROOT), **settings}


@dataclass(frozen=True)
class Served:
    url: str
    data_dir: Path

    @property
    def settings(self) -> Mapping[str, str]:
        return {"SPARR_PUBLIC_URL": self.url, "SPARR_DATA_DIR": str(self.data_dir)}


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    told = folder / "told.txt"
    with told.open("w") as file:
        up = subprocess.Popen(
            [*PROGRAM, "up", "--port", "0", "--data-dir", folder / "data"],
            env=environment(),
            stdout=file,
            stderr=file,
        )
    try:
        until = time.monotonic() + 60
        while not (ready := READY.search(told.read_text())):
            assert up.poll() is None, told.read_text()
            assert time.monotonic() < until, told.read_text()
            time.sleep(0.05)
        yield Served(ready[1], folder / "data")
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(30)
