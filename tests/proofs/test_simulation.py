"""The core on a seeded scheduler holds, and whatever mistake is planted in it is found."""

from unittest.mock import patch

import pytest

from tests.proofs.simulated.loop import SeededLoop, StuckError, run_seeded
from tests.proofs.simulated.planted_presence import PLANTED
from tests.proofs.simulation import WORLDS, run


def test_the_core_holds_and_every_planted_mistake_is_found() -> None:
    result = run(full=False, seed=1)
    assert result["violations"] == [], result
    assert result["planted"] >= 20


@pytest.mark.parametrize("world", WORLDS)
def test_the_same_seed_is_the_same_run(world: str) -> None:
    with patch.object(*PLANTED["takes any position for passed"]):
        first, again = ([run_seeded(seed, WORLDS[world]) for seed in range(3)] for _ in range(2))
    assert first == again
    assert any(first) == (world == "presence")


def test_who_waits_for_ever_is_noticed() -> None:
    async def waiting(loop: SeededLoop) -> list[str]:
        await loop.create_future()
        return []

    assert run_seeded(1, waiting) == [str(StuckError("nobody can go on"))]
