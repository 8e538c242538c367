"""Proving: the proofs stand beside the program, with its tests; imported only when they are asked for."""

import importlib
from pathlib import Path
from typing import Annotated

import typer

from app.cli.connection import fail

BROKEN = 1
PROOFS = "p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, simulation"


def prove(
    names: Annotated[list[str], typer.Argument(metavar="NAME…|all", help=f"Which: {PROOFS}, or all.")],
    faults: Annotated[int | None, typer.Option(min=1, help="So many faults (p1), requests (p4).")] = None,
    seed: Annotated[int, typer.Option(help="The same seed plans the same faults.")] = 1,
    only: Annotated[str, typer.Option(metavar="FAULT", help="This fault and no other.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write what was found to this file, as JSON.")] = None,
    *,
    short: Annotated[bool, typer.Option("--short", help="Minutes in place of hours.")] = False,
    suite: Annotated[bool, typer.Option("--suite", hidden=True, help="Less than a minute.")] = False,
) -> None:
    """Prove promises on a registry that is broken on purpose; status 1 if one does not hold."""
    try:
        running = importlib.import_module("tests.proofs.running")
    except ModuleNotFoundError:
        fail("the proofs are not part of this installation; they are in the folder of the source")
    unknown = sorted(set(names) - {*running.PROOFS, "all"})
    if unknown:
        fail(f"there is no proof {', '.join(unknown)}; there are {', '.join(running.PROOFS)}")
    wanted = importlib.import_module("tests.proofs.findings").Wanted(
        seed, faults, short or suite, suite, only
    )
    if not running.main(names, wanted, out):
        raise typer.Exit(BROKEN)
