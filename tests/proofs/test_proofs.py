"""The smallest form of each proof: a real registry, broken on purpose, in a process of its own."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.process.running import command, environment
from tests.proofs.running import PROOFS

pytestmark = pytest.mark.xdist_group("proofs")


def run(out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("prove", *arguments, "--out", str(out)),
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        cwd=out.parent,
    )


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", PROOFS)
def test_a_promise_holds(name: str, tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    outcome = run(out, name, "--suite", "--seed", "1")
    assert outcome.returncode == 0, outcome.stdout[-2000:] + outcome.stderr[-4000:]
    (found,) = json.loads(out.read_text())["proofs"]
    assert (found["proof"], found["holds"], found["violations"]) == (name, True, [])
    assert {"seed", "commit", "machine", "seconds", "counts"} <= found.keys()
    EXPECTED[name](found["counts"])


def of_p1(counts: dict[str, Any]) -> None:
    assert min(counts["caught"].values()) > 0
    assert set(counts["caught"]) == {"cached", "not_flushed", "not_waited_for"}
    assert counts["acknowledgements"] > 100
    assert counts["clear"] > 0


def of_p4(counts: dict[str, Any]) -> None:
    assert counts["attempts"] > counts["requests"] >= len(counts["operations"])
    assert counts["replayed"] > 0


def of_p5(counts: dict[str, Any]) -> None:
    assert counts["asked"] == counts["faults"] * counts["doors"]


EXPECTED = {"p1": of_p1, "p4": of_p4, "p5": of_p5}


def test_a_proof_that_does_not_exist_is_refused_with_the_names_of_those_that_do(tmp_path: Path) -> None:
    outcome = run(tmp_path / "found.json", "p99")
    assert outcome.returncode == 1
    assert outcome.stderr.startswith("sparr: there is no proof p99; there are p1, p4, p5")
