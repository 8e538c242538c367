"""One party asks for ten times what it may, in the largest batches that there are; the others go on."""

import asyncio
import json
import statistics
import time
from collections import Counter

import httpx2
import pytest

from tests.api.fiction import numbers
from tests.api.test_lookup_batches import MOST
from tests.process.running import Running
from tests.registry_driver import PHONE, Party, question

pytestmark = pytest.mark.xdist_group("process")

A_SECOND = 60_000
"""Items: about one of the largest batches."""
TIMES = 10
WINDOW = 2.0
ROUNDS = 3


async def asking(client: httpx2.AsyncClient, sender: Party) -> list[float]:
    """What single questions took, one after another, for a while."""
    took = []
    until = time.perf_counter() + WINDOW
    while time.perf_counter() < until:
        begun = time.perf_counter()
        answer = await client.post("/v1/lookups", json=question(sender.id, PHONE), headers=sender.headers)
        took.append(time.perf_counter() - begun)
        assert answer.status_code == 200
    return took


async def shouting(client: httpx2.AsyncClient, noisy: Party, told: Counter[int]) -> None:
    """Ten of the largest batches a second, whatever is answered."""
    body = json.dumps({**question(noisy.id, *numbers(MOST)), "view": "compact"}).encode()
    headers = {**noisy.headers, "Content-Type": "application/json"}

    async def once() -> None:
        answer = await client.post("/v1/lookups", content=body, headers=headers)
        told[answer.status_code] += 1

    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(once())
            await asyncio.sleep(1 / TIMES)


async def test_who_asks_for_ten_times_its_quota_is_refused_and_the_others_are_answered(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The medians of quiet and noisy times in turns; the best round, for machines have other things to do."""
    settings = {"SPARR_QUOTA_ITEMS": str(A_SECOND * 60)}
    running = Running(tmp_path_factory.mktemp("noisy") / "data", settings=settings)
    try:
        async with running.client() as client, running.client() as loud:
            registry = running.driver(client)
            sender, noisy = await registry.controller(), await registry.controller()
            told: Counter[int] = Counter()
            await spend_all(loud, noisy)
            ratios = []
            for _ in range(ROUNDS):
                quiet = statistics.median(await asking(client, sender))
                shouts = asyncio.create_task(shouting(loud, noisy, told))
                ratios.append(statistics.median(await asking(client, sender)) / quiet)
                shouts.cancel()
                await asyncio.gather(shouts, return_exceptions=True)
    finally:
        running.kill()
    print(f"{dict(told)}; the others' median beside it: {', '.join(f'{one:.2f}' for one in ratios)} times")
    assert told[429] > told[200]
    assert set(told) <= {200, 429}
    assert min(ratios) < 2


async def spend_all(client: httpx2.AsyncClient, noisy: Party) -> None:
    """What a minute has, at once."""
    body = json.dumps(question(noisy.id, *numbers(MOST))).encode()
    body = body.ljust(15 * 1024 * 1024)
    headers = {**noisy.headers, "Content-Type": "application/json"}
    for _ in range(10):
        answer = await client.post("/v1/lookups", content=body, headers=headers)
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) >= 1
            return
    pytest.fail("the quota did not end")
