"""Measuring: the benchmarks stand beside the program and are imported only when they are asked for."""

import importlib
from pathlib import Path
from typing import Annotated

import typer

from app.cli.connection import fail

MISSED = 1


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Which; by default all.")
    ] = None,
    entries: Annotated[int, typer.Option(min=1_000, help="Entries in all lists.")] = 1_000_000,
    controllers: Annotated[int, typer.Option(min=40, help="Lists; one has 18 % of the entries.")] = 1_000,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; the median is reported.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.1, help="Of each subject in each round.")] = 1.0,
    workers: Annotated[int, typer.Option(min=1, help="Server processes, for `fresh`.")] = 2,
    rows: Annotated[
        int, typer.Option(min=10_000, help="Rows of the longest file, for `stream`.")
    ] = 1_000_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same lists.")] = 1,
    redis: Annotated[
        Path | None, typer.Option(help="A redis-server (6.2 or newer) that is not found.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write JSON to this file too.")] = None,
    *,
    short: Annotated[bool, typer.Option("--short", help="Little data; status 1 far below a target.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure beside other ways to do the same: lookup, cold, single, formats, stream, fresh, intake, growth,
    size, start."""
    try:
        known = importlib.import_module("bench").BENCHMARKS
    except ModuleNotFoundError:
        fail("the benchmarks are not part of this installation; they are in the folder of the source")
    unknown = sorted(set(names or ()) - set(known))
    if unknown:
        fail(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    of = importlib.import_module("bench.options").Options
    options = (
        of.for_suite(seed, redis)
        if short
        else of(entries, controllers, rounds, seconds, seed, workers, rows, redis=redis)
    )
    if not importlib.import_module("bench.running").main(names or (), options, out, as_json=as_json):
        raise typer.Exit(MISSED)
