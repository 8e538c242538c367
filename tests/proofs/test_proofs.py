"""The smallest form of each proof that breaks a registry on purpose, in a process of its own. The others have
their short form in a test of their own."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.process.running import ROOT, command, environment
from tests.proofs.counted import COUNTED, told
from tests.proofs.findings import Finding, Wanted
from tests.proofs.running import BROKEN_ON_PURPOSE, PROOFS

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
@pytest.mark.parametrize("name", BROKEN_ON_PURPOSE)
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
    assert counts["asked"] >= counts["faults"] * counts["doors"]
    assert sum(counts["answers"].get(status, 0) for status in ("200", "202")) > 0
    assert counts["washes"] > 0


EXPECTED = {"p1": of_p1, "p4": of_p4, "p5": of_p5}


def test_a_proof_that_does_not_exist_is_refused_with_the_names_of_those_that_do(tmp_path: Path) -> None:
    outcome = run(tmp_path / "found.json", "p99")
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(f"sparr: there is no proof p99; there are {', '.join(PROOFS)}\n")


def test_every_proof_stands_in_the_help_and_on_the_page_and_every_promise_in_the_readme() -> None:
    shown = subprocess.run(
        command("prove", "--help"), env=environment(COLUMNS="300"), capture_output=True, text=True, check=True
    ).stdout
    page, readme = (ROOT / "docs/proofs/README.md").read_text(), (ROOT / "README.md").read_text()
    assert len(PROOFS) == len(BROKEN_ON_PURPOSE) + len(COUNTED)
    for name in PROOFS:
        assert f"{name}," in shown
        assert f"\n| `{name}` | " in page
        assert f"\n## {name}\n" in page
        assert f"`./sparr prove {name}`" in readme or name == "simulation"
    for name, proof in COUNTED.items():
        assert proof.promise in page
        assert f"**{proof.promise}**" in readme or name == "simulation"


def test_what_a_counting_proof_returns_is_a_finding_and_too_little_of_it_is_missed() -> None:
    result = {"seed": 7, "full": False, "seconds": 1.0, "planted": 2_000, "violations": []}
    held = told(Finding("p10", "promise", Wanted(7, short=True)), result)
    assert (held.holds, held.counts) == (True, {"planted": 2_000})
    too_few = told(Finding("p10", "promise", Wanted(7)), result)
    assert (too_few.holds, too_few.missed) == (False, ["planted: 2,000 of 10,000"])
    broken = told(Finding("p10", "promise", Wanted(7, short=True)), {**result, "violations": ["recovered"]})
    assert (broken.holds, broken.violations) == (False, [["recovered"]])
