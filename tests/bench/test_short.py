"""The short form of the benchmarks: a real registry, real references, and wide margins."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT
from tests.process.running import environment

NAMES = ("lookup", "formats", "intake")


@pytest.mark.timeout(400)
def test_the_short_benchmarks_measure_everything_and_stay_within_wide_margins(tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    command = [sys.executable, "-P", "-m", "app", "bench", *NAMES, "--short", "--out", str(out)]
    outcome = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-2000:]
    found = json.loads(out.read_text())
    assert found["passes"] is True
    assert [one["name"] for one in found["benchmarks"]] == list(NAMES)
    assert found["machine"]["cores"] > 0
    assert found["machine"]["postgres"].startswith(("17", "18"))
    rows = [row for one in found["benchmarks"] for row in one["rows"]]
    skipped = [row for row in rows if row["figure"] is None]
    assert all("Redis" in row["what"] and row["note"] for row in skipped)
    assert len([row for row in rows if row["ratio"]]) >= 10
    notes = [note for one in found["benchmarks"] for note in one["notes"]]
    assert bool(skipped) == any(note.startswith("SKIPPED") for note in notes)


def test_a_benchmark_that_does_not_exist_is_refused_with_the_names_of_those_that_do() -> None:
    outcome = subprocess.run(
        [sys.executable, "-P", "-m", "app", "bench", "speed"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert outcome.returncode == 1
    assert outcome.stderr.startswith("sparr: there is no benchmark speed; there are lookup, cold, ")
