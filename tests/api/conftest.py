"""Who the tests of the doors have to do with: fresh for each file, so that no test meets another's people."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party


@pytest.fixture(scope="module")
async def behind(database_url: str) -> AsyncIterator[Any]:
    connection = await superuser(database_url)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def agent(registry: Driver) -> Party:
    return await registry.agent()


@pytest.fixture(scope="module")
async def mandate(registry: Driver, agent: Party) -> Json:
    return await registry.mandate(agent)


@pytest.fixture
async def sender(registry: Driver) -> Party:
    return await registry.controller()
