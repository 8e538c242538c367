"""The whole registry is killed in the middle of a wash, and comes up again: the file is the same."""

import asyncio
import time
from pathlib import Path

import httpx2
import pytest

from tests.process.running import Running, gone
from tests.registry_driver import Driver, Json, Party

pytestmark = pytest.mark.xdist_group("process")

ROWS = 400_000
QUESTION = {"channel": "sms", "purpose": "marketing"}


async def state(client: httpx2.AsyncClient, sender: Party, wash_id: str) -> Json:
    found: Json = (await client.get(f"/v1/washes/{wash_id}", headers=sender.headers)).json()
    return found


async def hand_in(client: httpx2.AsyncClient, sender: Party, content: str) -> str:
    headers = {**sender.headers, "Content-Type": "text/csv"}
    answer = await client.post("/v1/washes", content=content, headers=headers, params=QUESTION)
    return str(answer.json()["id"])


async def until(client: httpx2.AsyncClient, sender: Party, wash_id: str, *, rows: int) -> Json:
    """Until so many rows are done, or all of them."""
    end = time.monotonic() + 120
    while (found := await state(client, sender, wash_id))["progress"]["done"] < rows:
        assert time.monotonic() < end, found
        assert found["state"] != "failed", found
        await asyncio.sleep(0.02)
    return found


async def file(client: httpx2.AsyncClient, sender: Party, wash_id: str) -> bytes:
    for _ in range(1000):
        if (await state(client, sender, wash_id))["state"] == "done":
            break
        await asyncio.sleep(0.02)
    return (await client.get(f"/v1/washes/{wash_id}/files/annotated", headers=sender.headers)).content


async def test_a_registry_that_was_killed_goes_on_with_its_washes(tmp_path: Path) -> None:
    content = "id,phone\n" + "".join(f"{n},+46701740{605 + n % 95}\n" for n in range(ROWS))
    running = Running(tmp_path / "data")
    async with running.client() as client:
        driver = running.driver(client)
        sender = await driver.controller("customer_service")
        await driver.enter(sender, {"type": "phone", "value": "+46701740610"})
        wash_id = await hand_in(client, sender, content)
        written = tmp_path / "data" / "washes" / wash_id / "annotated"
        while not (written.exists() and written.stat().st_size > ROWS):  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.01)
        cut = await state(client, sender, wash_id)
        family = running.family()
        running.kill()
        assert gone(family)
    assert cut["state"] == "running"
    running = Running(tmp_path / "data", port=running.port)
    async with running.client() as client:
        sender = Party(sender.id, sender.role, sender.credential, await driver_token(running, client, sender))
        found = await until(client, sender, wash_id, rows=ROWS)
        again = await file(client, sender, wash_id)
        whole = await file(client, sender, await hand_in(client, sender, content))
    assert running.stop() == 0
    assert found["counts"]["asked"] == ROWS
    assert again == whole
    assert again.count(b"DNC_INTERNAL") == len(range(5, ROWS, 95))


async def driver_token(running: Running, client: httpx2.AsyncClient, sender: Party) -> str:
    driver: Driver = running.driver(client)
    return await driver.token(sender.credential)
