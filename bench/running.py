"""Running benchmarks: one data set for all that can share it, tables for people, JSON for programs."""

import asyncio
import importlib
import json
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import BENCHMARKS
from bench.machine import commit, machine
from bench.options import Options
from bench.results import Report, passing
from bench.serving import run
from bench.world import World

_WIDE = 150
_TERMINATED = 128 + signal.SIGTERM


@dataclass(slots=True)
class Session:
    """One run: its options, its folder, and the data set as soon as somebody asks for it."""

    options: Options
    folder: Path
    console: Console
    postgres: str = ""
    _world: World | None = field(default=None)

    async def world(self) -> World:
        """The data set, served by one worker."""
        if self._world is None:
            self.console.print(
                f"Making {self.options.entries:,} entries in {self.options.controllers:,} lists …"
            )
            self._world = World(self.options, self.folder / "shared")
            await self._world.build(self.options.entries)
            self.console.print(f"… in {self._world.built_in:.0f} s, the references' copy among them")
            await self.note_postgres(self._world)
        await self._world.serve(1)
        return self._world

    @asynccontextmanager
    async def own_world(self, name: str, entries: int) -> AsyncIterator[World]:
        """A data set that nobody else sees, gone afterwards."""
        made = World(self.options, self.folder / name)
        try:
            await made.build(entries)
            await self.note_postgres(made)
            yield made
        finally:
            made.stop()

    async def note_postgres(self, world: World) -> None:
        """Which PostgreSQL this was."""
        async with world.bare() as connection:
            self.postgres = await connection.fetchval("SELECT current_setting('server_version')")

    def rest(self) -> None:
        """Have nothing run that a benchmark does not measure."""
        if self._world is not None:
            self._world.stop()


def main(names: Sequence[str], options: Options, out: Path | None, *, as_json: bool) -> bool:
    """Run them in the order of `BENCHMARKS`. False when a short run missed a gate."""
    wanted = [name for name in BENCHMARKS if name in names or not names]
    console = Console(stderr=as_json, highlight=False)
    if not console.is_terminal:
        console = Console(stderr=as_json, highlight=False, width=_WIDE)
    told: dict[str, Any] = {}
    try:
        run(_all(wanted, options, console, told))
    except asyncio.CancelledError:
        raise SystemExit(_TERMINATED) from None
    reports: list[Report] = told["reports"]
    for report in reports:
        for gate in report.failed:
            console.print(f"{report.name}: far below its target, or not measured: {gate}")
    text = json.dumps(_document(told, options), indent=1)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if as_json:
        print(text)  # noqa: T201 - the answer
    return passing(reports) or not options.short


async def _all(names: Sequence[str], options: Options, console: Console, told: dict[str, Any]) -> None:
    told["begun"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told["machine"], told["commit"] = machine(), commit()
    told["reports"] = []
    _end_in_order()
    with tempfile.TemporaryDirectory(prefix="sparr-bench-") as name:
        # The embedded server may run as another user, who must be able to pass.
        os.chmod(name, 0o711)  # noqa: PTH101, S103 - see above; and it is quick
        session = Session(options, Path(name), console)
        try:
            for each in names:
                console.print(f"\n{each} …")
                report: Report = await importlib.import_module(f"bench.{each}").measure(session)
                told["reports"].append(report)
                console.print(report.table())
        finally:
            session.rest()
        told["postgres"] = session.postgres
    console.print(_place(told))


def _end_in_order() -> None:
    """Asked to stop, a run ends what it started and clears its folder away."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _place(told: dict[str, Any]) -> str:
    on = told["machine"]
    version = told["postgres"] or "?"
    return (
        f"\n{on['cores']} cores of {on['cpu']}, {on['memory']}, Python {on['python']}, PostgreSQL {version}, "
        f"load before: {on['load']}; commit {told['commit'] or 'unknown'}, {told['begun']}"
    )


def _document(told: dict[str, Any], options: Options) -> dict[str, Any]:
    return {
        "begun": told["begun"],
        "commit": told["commit"],
        "machine": {**told["machine"], "postgres": told["postgres"]},
        "options": {**asdict(options), "redis": str(options.redis) if options.redis else None},
        "benchmarks": [report.as_json() for report in told["reports"]],
        "passes": passing(told["reports"]),
    }
