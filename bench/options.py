"""What a run is asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """`entries` over `controllers` lists; `rounds` of about `seconds` for each subject in turns; `short`
    is for a test suite. `redis` names a server binary when it is not found by its usual names."""

    entries: int = 1_000_000
    controllers: int = 1_000
    rounds: int = 5
    seconds: float = 1.0
    seed: int = 1
    workers: int = 2
    rows: int = 1_000_000
    short: bool = False
    redis: Path | None = None

    @staticmethod
    def for_suite(seed: int, redis: Path | None) -> "Options":
        """Little data and short rounds: enough to see a wide margin, and no more."""
        return Options(20_000, 40, 3, 0.3, seed, 2, 20_000, short=True, redis=redis)
