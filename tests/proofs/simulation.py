"""The core on a seeded scheduler: decisions, repeated requests, versions, group commit, journal, presence
index.

Each run is a small registry whose time, faults and order of events come from one seed. The program must hold
in all of them; and each of the planted mistakes must be found, or the runs show nothing.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from time import monotonic
from typing import Any
from unittest.mock import patch

from tests.proofs.simulated import planted_acts, planted_presence
from tests.proofs.simulated.acts_world import acts_world
from tests.proofs.simulated.decisions_world import decisions_world
from tests.proofs.simulated.loop import SeededLoop, run_seeded
from tests.proofs.simulated.presence_world import presence_world

World = Callable[[SeededLoop], Awaitable[list[str]]]
Planted = tuple[Any, str, Any]

WORLDS: Mapping[str, World] = {"acts": acts_world, "presence": presence_world, "decisions": decisions_world}
PLANTED: Mapping[str, tuple[str, Mapping[str, Planted]]] = {
    "acts": ("acts", planted_acts.ACTS),
    "journal": ("acts", planted_acts.JOURNAL),
    "presence": ("presence", planted_presence.PLANTED),
    "decisions": ("decisions", planted_acts.DECISIONS),
}
SHORT, FULL = 8, 200
"""Runs of each world."""

PATIENCE = 150
"""Runs in which a planted mistake has to be found."""


def found_after(world: World, planted: Planted, seed: int) -> int | None:
    """How many runs it took to find a planted mistake; None if it was never found."""
    where, name, instead = planted
    with patch.object(where, name, instead, create=not hasattr(where, name)):
        for tried in range(PATIENCE):
            if run_seeded(seed + tried, world):
                return tried + 1
    return None


def planted() -> Iterator[tuple[str, World, Planted]]:
    for part, (world, mistakes) in PLANTED.items():
        for name, mistake in mistakes.items():
            yield f"{part}: {name}", WORLDS[world], mistake


def run(*, full: bool, seed: int) -> dict[str, Any]:
    began, runs = monotonic(), FULL if full else SHORT
    violations = []
    for name, world in WORLDS.items():
        for number in range(seed, seed + runs):
            violations += [f"{name}, seed {number}: {one}" for one in run_seeded(number, world)]
    found = {name: found_after(world, mistake, seed) for name, world, mistake in planted()}
    violations += [
        f"a planted mistake was not found: {name}" for name, after in found.items() if after is None
    ]
    return {
        "seed": seed,
        "full": full,
        "seconds": round(monotonic() - began, 1),
        "runs": runs * len(WORLDS),
        "planted": len(found),
        "found_after_runs": found,
        "violations": violations,
    }
