"""What a suite insists on: half of a target, because the machines that suites run on are noisy.

The names are those of rows, `case: what`. A target that is reached gets its row named here and stays reached.
"""

from collections.abc import Mapping
from typing import Final

GATES: Final[Mapping[str, frozenset[str]]] = {
    "formats": frozenset({"mixed, 20% hits: Sparr, full view to compact"}),
    "fresh": frozenset(f"{rate} wanted: missed by them" for rate in ("1,000", "10,000")),
    "growth": frozenset({"growth: 20,000 entries to 2,000"}),
}
