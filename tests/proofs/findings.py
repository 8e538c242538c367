"""What a proof found: one JSON document, with what is needed to run it again."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.machine import commit, machine


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run was asked for; `suite` is the smallest form, for a test suite."""

    seed: int
    faults: int | None = None
    short: bool = False
    suite: bool = False
    only: str = ""
    """The one fault that is looked into."""


@dataclass(slots=True)
class Finding:
    """One proof: `counts` are what it did, `violations` what broke the promise, each with its history, and
    `notes` what must be said aloud."""

    name: str
    promise: str
    wanted: Wanted
    counts: dict[str, Any] = field(default_factory=dict)
    violations: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    """What this run should have done and did not: too few faults, a planted fault that was not noticed."""
    seconds: float = 0.0
    _begun: float = field(default_factory=time.monotonic)
    _commit: str = field(default_factory=commit)
    _machine: dict[str, str | int] = field(default_factory=machine)
    _at: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))

    @property
    def holds(self) -> bool:
        """Whether the promise stands after this run."""
        return not self.violations and not self.missed

    def done(self) -> "Finding":
        """The run is over."""
        self.seconds = round(time.monotonic() - self._begun, 1)
        return self

    def demand(self, what: str, found: int, least: int) -> None:
        """Note it when a figure that the run was asked for was not reached."""
        if found < least:
            self.missed.append(f"{what}: {found:,} of {least:,}")

    def as_json(self) -> dict[str, Any]:
        """For a program, and for the folder of results."""
        return {
            "proof": self.name,
            "promise": self.promise,
            "holds": self.holds,
            "seed": self.wanted.seed,
            "only": self.wanted.only,
            "form": "suite" if self.wanted.suite else "short" if self.wanted.short else "full",
            "begun": self._at,
            "seconds": self.seconds,
            "commit": self._commit,
            "machine": self._machine,
            "counts": self.counts,
            "violations": self.violations,
            "missed": self.missed,
            "notes": self.notes,
        }


def write(findings: list[Finding], out: Path) -> None:
    """One document for all proofs of a run."""
    found = [one.as_json() for one in findings]
    told = {"holds": all(one.holds for one in findings), "proofs": found}
    out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
