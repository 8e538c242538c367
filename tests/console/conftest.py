"""A registry with something in it, and the people who look after it, each with a browser of their own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from app.storage.database import Database
from tests.console.browsing import Browser, browser
from tests.console.issuer_place import Open, Place, opening
from tests.console.issuer_server import issuing
from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party


@dataclass(frozen=True)
class World:
    """What every page has something to show of."""

    controller: Party
    agent: Party
    mandate: Json
    objection: Json
    contested_mandate: Json
    contested_objection: Json


async def furnished(registry: Driver) -> World:
    """A controller, an agent, and mandates and objections, two of them contested by an admin."""
    controller, agent = (
        await registry.controller(name="Nordfiber AB"),
        await registry.agent(name="Nej Tack AB"),
    )
    mandate = await registry.mandate(agent)
    objection = await registry.objection(agent, mandate, [controller.id])
    other = await registry.mandate(agent, reference="A1-0002")
    under = await registry.objection(
        agent, other, [controller.id], identifiers=[{"type": "email", "value": "anna.test@example.com"}]
    )
    third = await registry.mandate(agent, reference="A1-0003")
    first = await registry.staff()
    said = {"finding": "forged", "reason": "She says that she never signed it"}
    answer = await registry.post(f"/v1/mandates/{third['id']}/contest", said, first)
    assert answer.status_code == 200, answer.text
    answer = await registry.post(f"/v1/objections/{under['id']}/void", {"reason": "Wrong person"}, first)
    assert answer.status_code == 200, answer.text
    return World(controller, agent, mandate, objection, third, under)


@pytest.fixture(scope="module")
async def world(registry: Driver) -> World:
    return await furnished(registry)


@pytest.fixture
async def admin(registry: Driver) -> AsyncIterator[Browser]:
    """An admin's browser, signed in."""
    one = browser(registry)
    async with one.client:
        answer = await one.sign_in(await registry.staff("admin"))
        assert answer.status_code == 303, answer.text
        yield one


@pytest.fixture
async def auditor(registry: Driver) -> AsyncIterator[Browser]:
    """An auditor's browser, signed in."""
    one = browser(registry)
    async with one.client:
        answer = await one.sign_in(await registry.staff("auditor"))
        assert answer.status_code == 303, answer.text
        yield one


@pytest.fixture
async def visitor(registry: Driver) -> AsyncIterator[Browser]:
    """A browser whose person has not signed in."""
    one = browser(registry)
    async with one.client:
        yield one


@pytest.fixture(scope="module")
async def behind(database_url: str) -> AsyncIterator[Any]:
    connection = await superuser(database_url)
    yield connection
    await connection.close()


@pytest.fixture
def opened(database: Database, ring: KeyRing) -> Open:
    return opening(database, ring)


@pytest.fixture
async def place(registry: Driver, opened: Open) -> AsyncIterator[Place]:
    """An admin of the registry whom an issuer knows."""
    async with issuing() as issuer:
        who = await registry.staff("admin")
        client_id = who.credential["client_id"]
        issuer.subject = f"person of {client_id}"
        one = Browser(opened(issuer.url, {issuer.subject: client_id}))
        async with one.client:
            yield Place(issuer, who, one)
