"""Waiting for a change: the answer comes with it, at the end of the time, or when nobody waits any more."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import httpx2
import pytest

from app.api.change_watch import AT_ONCE, STOPPING
from app.crypto.keys import KeyRing
from app.main import create_app, deployment, open_database
from tests.api.following import ask_changes, here, page
from tests.registry_driver import ISSUER, Driver, Party, email, first_admin


@pytest.fixture
async def desk(registry: Driver) -> Party:
    return await registry.controller("customer_service")


async def test_whoever_waits_is_answered_as_soon_as_there_is_something(registry: Driver, desk: Party) -> None:
    waiting = asyncio.create_task(page(registry, desk, after=await here(registry, desk), wait=30))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    entry = (await registry.enter(desk, email())).json()
    async with asyncio.timeout(5):
        found = await waiting
    assert [one["entry_id"] for one in found["items"]] == [entry["id"]]


async def test_what_is_no_change_of_an_entry_wakes_nobody_for_good(registry: Driver, desk: Party) -> None:
    start = await here(registry, desk)
    waiting = asyncio.create_task(page(registry, desk, after=start, wait=3))
    await registry.relationship(desk, email())
    found = await waiting
    assert (found["items"], found["next_cursor"]) == ([], None)
    assert int(found["as_of"].split(".")[0]) == int(start.split(".")[0]) + 1


async def test_an_objection_to_all_controllers_ends_the_waiting_too(
    registry: Driver, desk: Party, agent: Party
) -> None:
    person = email()
    mandate = await registry.mandate(agent, identifiers=[person])
    waiting = asyncio.create_task(page(registry, desk, after=await here(registry, desk), wait=30))
    await asyncio.sleep(0.3)
    await registry.objection(agent, mandate, "all", identifiers=[person])
    async with asyncio.timeout(5):
        assert [one["everywhere"] for one in (await waiting)["items"]] == [True]


async def test_without_anything_the_answer_comes_when_the_time_is_over(registry: Driver, desk: Party) -> None:
    start, began = await here(registry, desk), monotonic()
    found = await page(registry, desk, after=start, wait=1)
    assert (found["items"], found["as_of"]) == ([], start)
    assert 0.9 < monotonic() - began < 5


async def test_who_has_something_to_read_does_not_wait(registry: Driver, desk: Party) -> None:
    start, began = await here(registry, desk), monotonic()
    await registry.enter(desk, email())
    assert len((await page(registry, desk, after=start, wait=30))["items"]) == 1
    assert monotonic() - began < 5


async def test_only_so_many_requests_of_a_party_wait(registry: Driver, desk: Party) -> None:
    start, other = await here(registry, desk), await registry.controller()
    waiting = [asyncio.create_task(ask_changes(registry, desk, after=start, wait=20)) for _ in range(AT_ONCE)]
    await asyncio.sleep(1.5)
    refused = await ask_changes(registry, desk, after=start, wait=20)
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert refused.headers["retry-after"]
    assert (await ask_changes(registry, desk, after=start)).status_code == 200
    at = await here(registry, other)
    assert (await ask_changes(registry, other, after=at, wait=1)).status_code == 200
    await registry.enter(desk, email())
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*waiting)
    assert {one.status_code for one in answers} == {200}
    assert (await ask_changes(registry, desk, after=await here(registry, desk), wait=1)).status_code == 200


@pytest.fixture
async def narrow(database_url: str, ring: KeyRing) -> AsyncIterator[tuple[Driver, Any]]:
    """A service with two connections to its database."""
    database = open_database(database_url, ring, ISSUER, pool=2)
    app = create_app(deployment(database, ring, ISSUER))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=ISSUER) as client:
        yield Driver(client, await first_admin(database, ring)), app
    await app.state.deployment.changes.close()
    await database.dispose()


async def test_who_waits_holds_no_connection(narrow: tuple[Driver, Any]) -> None:
    registry, _ = narrow
    desk = await registry.controller("customer_service")
    start = await here(registry, desk)
    waiting = [asyncio.create_task(page(registry, desk, after=start, wait=20)) for _ in range(8)]
    await asyncio.sleep(1)
    async with asyncio.timeout(5):
        entry = (await registry.enter(desk, email())).json()
        found = await asyncio.gather(*waiting)
    assert [one["items"][0]["entry_id"] for one in found] == [entry["id"]] * 8


@pytest.mark.parametrize("how", ["the client hangs up", "the server stops"])
async def test_nobody_is_waited_for_in_vain(narrow: tuple[Driver, Any], how: str) -> None:
    registry, app = narrow
    desk = await registry.controller("customer_service")
    start, told = await here(registry, desk), asyncio.Event()
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/changes",
        "query_string": f"after={start}&wait=30".encode(),
        "headers": [(b"authorization", desk.headers["Authorization"].encode())],
        "extensions": {STOPPING: told.is_set} if how == "the server stops" else {},
    }

    async def receive() -> Any:
        if told.is_set() and how == "the client hangs up":
            return {"type": "http.disconnect"}
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    answering = asyncio.create_task(app(scope, receive, send))
    await asyncio.sleep(1)
    assert not answering.done()
    told.set()
    async with asyncio.timeout(3):
        await answering
    assert sent[0]["status"] == 200


async def test_nobody_asks_while_nobody_waits(narrow: tuple[Driver, Any], behind: Any) -> None:
    registry, _ = narrow
    desk = await registry.controller("customer_service")
    await page(registry, desk, after=await here(registry, desk), wait=1)
    await asyncio.sleep(0.6)
    sql = (
        "SELECT max(state_change) FROM pg_stat_activity "
        "WHERE datname = current_database() AND usename = 'sparr_api'"
    )
    before = await behind.fetchval(sql)
    await asyncio.sleep(1)
    assert await behind.fetchval(sql) == before
