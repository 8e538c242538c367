"""Runs proofs by name: what `./sparr prove` calls."""

import asyncio
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.proofs import counted, findings
from tests.proofs.findings import Finding, Wanted

BROKEN_ON_PURPOSE = ("p1", "p4", "p5")
PROOFS = (*sorted({*BROKEN_ON_PURPOSE, *counted.COUNTED}, key=lambda name: (len(name), name)),)
_TERMINATED = 128 + signal.SIGTERM


def main(names: Sequence[str], wanted: Wanted, out: Path | None) -> bool:
    """Run these, or all; False when a promise does not hold. `out` gets the document."""
    os.umask(0o022)
    found: list[Finding] = []
    try:
        for name in PROOFS:
            if name in names or "all" in names:
                print(f"{name}, seed {wanted.seed} …", flush=True)
                found.append(_prove(name, wanted))
                _tell(found[-1])
    except asyncio.CancelledError:
        raise SystemExit(_TERMINATED) from None
    if out is not None:
        findings.write(found, out)
    return all(one.holds for one in found)


def _prove(name: str, wanted: Wanted) -> Finding:
    if name in BROKEN_ON_PURPOSE:
        return asyncio.run(_prove_broken(name, wanted))
    # These begin loops of their own; what they started is ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    return counted.prove(name, wanted)


async def _prove_broken(name: str, wanted: Wanted) -> Finding:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    finding: Finding = await importlib.import_module(f"tests.proofs.{name}").prove(wanted, _say)
    return finding


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def _tell(found: Finding) -> None:
    for note in found.notes:
        print(f"  {note}", flush=True)
    for each in found.violations:
        print("VIOLATION\n  " + "\n  ".join(each), file=sys.stderr, flush=True)
    for missed in found.missed:
        print(f"MISSED {missed}", file=sys.stderr, flush=True)
    figures = ", ".join(f"{name} {value:,}" for name, value in found.counts.items() if isinstance(value, int))
    said = "holds" if found.holds else f"IS BROKEN (seed {found.wanted.seed})"
    print(f"{found.name} {said} after {found.seconds} s: {figures}", flush=True)
