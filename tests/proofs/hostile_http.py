"""P13: hostile HTTP is survived: refused once, the connection ended, no memory kept, honest senders answered.

Everything in `tests/process/hostile_requests.py` comes at the same time, in an order that the seed chooses,
while an honest sender asks on. How long its slowest answer took is told and not judged: the clients take
their part of the same machine.
"""

import asyncio
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter
from typing import Any

from tests.process.hostile_answers import GROWTH, Target, honest, hurried, told_all, wrong_with
from tests.process.hostile_requests import HOSTILE
from tests.registry_driver import PHONE, question

ROUNDS = {False: 1, True: 10}
PAUSE = 0.02


async def ask_on(target: Target, took: list[float], wrong: list[str]) -> None:
    """Until cancelled."""
    body, headers = question(target.sender.id, PHONE), target.sender.headers
    while True:
        began = perf_counter()
        answer = await target.registry.client.post("/v1/lookups", json=body, headers=headers)
        took.append(perf_counter() - began)
        if answer.status_code != 200:
            wrong.append(f"an honest sender was answered {answer.status_code}")
        await asyncio.sleep(PAUSE)


async def check(folder: Path, *, full: bool, seed: int) -> dict[str, Any]:
    chance, took, wrong = Random(seed), list[float](), list[str]()  # noqa: S311 - a choice that can be repeated
    async with hurried(folder / "data") as target:
        await honest(target)
        before = target.memory()
        asking = asyncio.create_task(ask_on(target, took, wrong))
        for number in range(ROUNDS[full]):
            hostile = chance.sample(HOSTILE, len(HOSTILE))
            answers = await told_all(target, hostile)
            for one in hostile:
                if found := wrong_with(answers[one.name], one):
                    wrong.append(f"round {number}, {one.name}: {found}")
        asking.cancel()
        await asyncio.wait([asking])
        if not asking.cancelled():
            wrong.append(f"an honest sender was given up: {asking.exception()!r}")
        grown = target.memory() - before
    if grown >= GROWTH:
        wrong.append(f"memory grew by {grown:,} bytes")
    counts = {"hostile": ROUNDS[full] * len(HOSTILE), "kinds": len(HOSTILE), "honest": len(took)}
    slowest = round(max(took) * 1000)
    return {
        **counts,
        "slowest_honest_ms": slowest,
        "memory_grown_mb": grown // 1_000_000,
        "violations": wrong,
    }


def run(*, full: bool, seed: int) -> dict[str, Any]:
    began = monotonic()
    with TemporaryDirectory() as folder:
        found = asyncio.run(check(Path(folder), full=full, seed=seed))
    return {"seed": seed, "full": full, "seconds": round(monotonic() - began, 1), **found}
