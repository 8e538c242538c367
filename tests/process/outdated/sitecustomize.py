"""Breaks what keeps memory from being outdated: where lists stand is asked once in five seconds.

Python runs a module of this name in every process that finds it on its path, before anything else. It is here
to show that the check of `test_read_after_acknowledge.py` would notice.
"""

import time
from collections.abc import Collection

from app.storage.presence.witness import Rows, Witness

SECONDS = 5.0

asked_in_truth = Witness.standing
known: dict[frozenset[int], tuple[float, Rows]] = {}


async def remembered(witness: Witness, numbers: Collection[int]) -> Rows:
    key = frozenset(numbers)
    at, rows = known.get(key, (0.0, {}))
    if time.monotonic() - at > SECONDS:
        rows = await asked_in_truth(witness, numbers)
        known[key] = (time.monotonic(), rows)
    return rows


Witness.standing = remembered  # type: ignore[assignment,method-assign]  # that is the fault
