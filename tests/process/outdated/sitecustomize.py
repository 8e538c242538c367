"""Breaks what keeps memory from being outdated: where lists stand is asked once in some seconds.

Python runs a module of this name in every process that finds it on its path, before anything else. It is here
to show that the checks of `test_read_after_acknowledge.py` and of `tests/proofs` would notice.
"""

import os
import time
from collections.abc import Collection

from app.storage.presence.witness import Rows, Witness

SECONDS = float(os.environ.get("OUTDATED_SECONDS", "5"))

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
