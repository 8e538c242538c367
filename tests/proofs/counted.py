"""Proofs that count: each module tries everything by itself, in `run(full=…, seed=…)`, and returns what it
did and what broke the promise. Here they become findings like those of the others."""

import importlib
import traceback
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from structlog.testing import capture_logs

from tests.proofs.findings import Finding, Wanted


class Counted(NamedTuple):
    """Where a proof stands, and the least that it has to have done, by the name of the figure: in the short
    form and in the full one."""

    module: str
    promise: str
    least: Mapping[str, tuple[int, int]]


COUNTED: Mapping[str, Counted] = MappingProxyType(
    {
        "p2": Counted(
            "schema_mutation",
            "No role that the service uses can update or delete the register, or clear anybody.",
            {"removals": (60, 700)},
        ),
        "p3": Counted(
            "journal",
            "The journal cannot be altered unnoticed.",
            {"alterations": (500, 10_000), "flips": (150, 1_000), "backups_put_back": (1, 1)},
        ),
        "p6": Counted("batches", "A batch answers exactly as its singles.", {"items": (100_000, 1_000_000)}),
        "p7": Counted(
            "spelling",
            "Spelling does not help.",
            {"people": (500, 2_000), "variants": (10_000, 100_000), "golden": (50_000, 50_000)},
        ),
        "p8": Counted(
            "tenants",
            "Tenants cannot see or affect each other.",
            {"foreign_ids_tried": (200, 200), "answers_compared": (40, 40), "timing_pairs": (120, 1_000)},
        ),
        "p9": Counted("logs", "No personal data in logs.", {"requests": (1_000, 50_000)}),
        "p10": Counted(
            "stolen_database", "A stolen database gives back no number.", {"planted": (2_000, 10_000)}
        ),
        "p11": Counted(
            "restores",
            "Restore loses nothing and hides nothing.",
            {"moments": (1, 50), "acknowledged_before": (1, 50)},
        ),
        "p12": Counted("mandates", "Forged mandates are not believed.", {"forged": (60, 200)}),
        "p13": Counted(
            "hostile_http", "Hostile HTTP is survived.", {"hostile": (40, 800), "honest": (20, 200)}
        ),
        "simulation": Counted(
            "simulation",
            "In whatever order things happen, and wherever they break off, the core decides alike.",
            {"planted": (20, 20)},
        ),
    }
)

_OF_THE_RUN = {"seed", "full", "seconds", "violations"}


def prove(name: str, wanted: Wanted) -> Finding:
    """Run one of them."""
    finding = Finding(name, COUNTED[name].promise, wanted)
    run = importlib.import_module(f"tests.proofs.{COUNTED[name].module}").run
    try:
        with capture_logs():
            return told(finding, run(full=not wanted.short, seed=wanted.seed))
    except AssertionError:
        # Something that it takes for granted did not hold; the other proofs are still to be run.
        finding.missed.append(f"the end: {traceback.format_exc()}")
        return finding.done()


def told(finding: Finding, result: Mapping[str, Any]) -> Finding:
    """What a module returned: its violations, its counts, and whether these are what was asked for."""
    finding.counts = {name: value for name, value in result.items() if name not in _OF_THE_RUN}
    finding.violations = [[one] for one in result["violations"]]
    for name, least in COUNTED[finding.name].least.items():
        finding.demand(name, result[name], least[not finding.wanted.short])
    return finding.done()
