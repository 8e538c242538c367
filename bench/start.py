"""From the command line to the first answer, in an empty folder and in one that is there already."""

import hashlib
import json
import sys
import time
from pathlib import Path
from statistics import median

from bench.alone import main
from bench.client import OK, Connection, get
from bench.machine import ROOT
from bench.results import Report, Row
from bench.running import Session
from bench.serving import Program, start

FRESH, EXISTING = 6.0, 2.0
_TRIES = 3


def command() -> tuple[list[str], dict[str, str]]:
    """`./sparr up` itself where it made this environment, else the program that it becomes: a launcher that
    finds another lock would make the environment anew."""
    if _made_by_launcher(Path(sys.prefix) / "sparr-stamp.json"):
        return [sys.executable, str(ROOT / "sparr")], {"SPARR_VENV": sys.prefix}
    return [sys.executable, "-P", "-m", "app"], {}


def _made_by_launcher(stamp: Path) -> bool:
    if not stamp.is_file():
        return False
    made = json.loads(stamp.read_text(encoding="utf-8"))
    lock = ROOT / "requirements" / f"{made.get('lock')}.txt"
    same = lock.is_file() and hashlib.sha256(lock.read_bytes()).hexdigest() == made.get("sha256")
    return same and made.get("venv") == sys.prefix


def _start(folder: Path) -> Program:
    program, settings = command()
    up = [*program, "up", "--port", "0", "--data-dir", str(folder)]
    return start(up, folder.with_suffix(".log"), **settings)


async def _first_answer(folder: Path) -> float:
    """Seconds until /readyz says that it may be asked."""
    begun = time.perf_counter()
    program = _start(folder)
    try:
        connection = await Connection.open(program.port)
        status, body = await connection.ask(get("/readyz"))
        taken = time.perf_counter() - begun
        connection.close()
        if status != OK:
            raise RuntimeError(f"not ready: {body[:300]!r}")
    finally:
        program.stop()
    return taken


async def measure(session: Session) -> Report:
    """Three folders, each started twice."""
    report = Report("start", "seconds from the command to the first answer, packages installed")
    session.rest()
    fresh, existing = [], []
    for n in range(_TRIES):
        folder = session.folder / f"start-{n}"
        fresh.append(await _first_answer(folder))
        existing.append(await _first_answer(folder))
    launcher = "./sparr up" if str(ROOT / "sparr") in command()[0] else "python -m app up"
    for case, found, target in (("fresh folder", fresh, FRESH), ("existing folder", existing, EXISTING)):
        note = f"{min(found):.2f} to {max(found):.2f} in {_TRIES} starts"
        report.rows.append(Row(case, launcher, median(found), "s", target=target, at_most=True, note=note))
    return report


if __name__ == "__main__":
    main(__file__)
