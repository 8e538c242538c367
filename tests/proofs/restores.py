"""P11: a restore loses nothing and hides nothing: to any moment, whatever was acknowledged before it blocks,
and until somebody accepts what came later as lost, nothing is answered.

While its backup is followed, a registry takes objections, each to a sender of its own. It is killed, and
restored to its last act, where every objection stands and nothing has to be accepted; then to moments that
the seed chooses, each in a folder of its own, with the newest checkpoint that was seen.
"""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, NamedTuple

from tests.process.restoring import (
    asked,
    done,
    failed,
    followed,
    noticed,
    objected,
    settled,
    sparr,
    with_keys,
)
from tests.process.running import Running
from tests.registry_driver import Party

MOMENTS = {False: 1, True: 50}
OBJECTIONS = {False: 8, True: 60}


class Objected(NamedTuple):
    """A sender who was objected to. The times are those of the machine that also commits."""

    sender: Party
    begun: datetime
    acknowledged: datetime


class Lost(NamedTuple):
    """A registry that was lost: what is left of it."""

    folder: Path
    """The backup is in `kept`, the key ring and the newest checkpoint in `data`."""
    port: int
    objections: list[Objected]


async def lose(folder: Path, wanted: int, chance: Random) -> Lost:
    running, kept = Running(folder / "data"), folder / "kept"
    objections = list[Objected]()
    try:
        async with running.client() as client:
            driver = running.driver(client)
            with followed(kept, running.data_dir):
                before = await settled(kept / "checkpoint")
                for _ in range(wanted):
                    begun = datetime.now(UTC)
                    sender = await objected(driver)
                    objections.append(Objected(sender, begun, datetime.now(UTC)))
                    await asyncio.sleep(chance.random() / 4)
                await settled(kept / "checkpoint", before)
    finally:
        running.kill()
    return Lost(folder, running.port, objections)


async def restored_to_the_end(lost: Lost) -> list[str]:
    """Nothing was lost, so that nothing has to be accepted."""
    place = with_keys(lost.folder / "whole", lost.folder / "data")
    done("restore", str(lost.folder / "kept"), "--data-dir", str(place), *_seen(lost))
    running = Running(place, port=lost.port)
    try:
        async with running.client() as client:
            await noticed(client)
            return [
                f"objection {number}, restored to the end: {code}"
                for number, one in enumerate(lost.objections)
                if (code := await asked(client, one.sender)) != "OBJ_DM"
            ]
    finally:
        _end(running)


async def restored_to(lost: Lost, moment: datetime) -> list[str]:
    """Closed, until it is said that what came later may be lost; then all that came before is there."""
    place = with_keys(lost.folder / "back", lost.folder / "data")
    when = ("--at", moment.isoformat())
    done("restore", str(lost.folder / "kept"), "--data-dir", str(place), *when, *_seen(lost))
    running, found = Running(place, port=lost.port), list[str]()
    try:
        async with running.client() as client:
            if (wrong := await failed(client)) != ["JOURNAL"]:
                found.append(f"{moment}: not ready are {wrong}, before anything was accepted")
            codes = {await asked(client, one.sender) for one in lost.objections}
            if codes != {"FACTS_UNREADABLE"}:
                found.append(f"{moment}: {sorted(codes)} were answered before anything was accepted")
            refused = sparr("verify", "--data-dir", str(place))
            if refused.returncode != 1 or "rolled back" not in refused.stdout:
                found.append(f"{moment}: `verify` does not say that it was rolled back")
            done("verify", "--data-dir", str(place), "--accept-loss")
            await noticed(client)
            for number, one in enumerate(lost.objections):
                code = "" if one.acknowledged > moment else await asked(client, one.sender)
                if code not in {"", "OBJ_DM"}:
                    found.append(f"{moment}: {code} for objection {number}, which was acknowledged before")
        return found
    finally:
        _end(running)


def _seen(lost: Lost) -> tuple[str, str]:
    return "--checkpoint", str(lost.folder / "data" / "checkpoint")


def _end(running: Running) -> None:
    running.stop()
    shutil.rmtree(running.data_dir)


async def check(folder: Path, *, full: bool, seed: int) -> dict[str, Any]:
    chance = Random(seed)  # noqa: S311 - a choice that can be repeated
    lost = await lose(folder, OBJECTIONS[full], chance)
    violations = await restored_to_the_end(lost)
    # At least one objection lies before each moment, and one after it.
    since, until, before = lost.objections[0].acknowledged, lost.objections[-1].begun, 0
    for _ in range(MOMENTS[full]):
        moment = since + chance.random() * (until - since)
        before += sum(one.acknowledged <= moment for one in lost.objections)
        violations += await restored_to(lost, moment)
    counts = {"objections": len(lost.objections), "moments": MOMENTS[full], "acknowledged_before": before}
    return {**counts, "violations": violations}


def run(*, full: bool, seed: int) -> dict[str, Any]:
    """The seed chooses the moments; how far the registry was by then is the machine's own."""
    began = monotonic()
    with TemporaryDirectory() as folder:
        found = asyncio.run(check(Path(folder), full=full, seed=seed))
    return {"seed": seed, "full": full, "seconds": round(monotonic() - began, 1), **found}
