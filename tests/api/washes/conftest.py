"""A registry that washes files, and somebody who does the washes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest

from app.crypto.keys import KeyRing
from app.jobs.washes import work
from app.main import create_app, deployment
from app.storage.database import Database
from app.usecases.receive_wash import Laundry
from tests.registry_driver import ISSUER, PHONE, Driver, Party, first_admin


@pytest.fixture(scope="session")
def laundry(tmp_path_factory: pytest.TempPathFactory) -> Laundry:
    return Laundry(tmp_path_factory.mktemp("data") / "washes", timedelta(hours=24))


@pytest.fixture(scope="session")
async def registry(database: Database, ring: KeyRing, laundry: Laundry) -> AsyncIterator[Driver]:
    parts = deployment(database, ring, ISSUER, laundry=laundry)
    transport = httpx2.ASGITransport(create_app(parts), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield Driver(client, await first_admin(database, ring))


@pytest.fixture
async def working(database: Database, laundry: Laundry) -> AsyncIterator[None]:
    """Somebody who does the washes."""
    task = asyncio.create_task(work(database, laundry))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def desk(registry: Driver) -> Party:
    made = await registry.controller("customer_service")
    assert (await registry.enter(made, {"type": "phone", "value": PHONE})).status_code == 201
    return made
