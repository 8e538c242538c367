"""`./sparr test tests/contract --write` writes anew what is generated: the document, the problems, the
answers of the examples, and docs/codes.md. Without it the tests compare."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import httpx2
import pytest

from app.crypto.keys import KeyRing
from app.main import create_app, deployment, open_database
from app.storage.database import Database
from app.usecases.receive_wash import Laundry
from app.usecases.sequence_events import Sequencer
from tests.conftest import Clone
from tests.registry_driver import ISSUER, Driver, first_admin

Washers = tuple[Database, Laundry]
"""Where washes are asked for and where they are done."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write", action="store_true", help="write what is generated instead of comparing it")


@pytest.fixture(scope="session")
def write(pytestconfig: pytest.Config) -> bool:
    # Pytest asks for options of this folder only when it is named on the command line.
    return bool(pytestconfig.getoption("--write", default=False))


@pytest.fixture(scope="session")
async def laundry(
    clone: Clone, ring: KeyRing, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Washers]:
    """A database of its own: some examples object at all controllers, and nobody else is to meet that. And
    where its washes are done."""
    database = open_database(await clone(), ring, ISSUER)
    yield database, Laundry(tmp_path_factory.mktemp("washes"), timedelta(hours=24))
    await database.dispose()


@pytest.fixture(scope="session")
async def registry(laundry: Washers, ring: KeyRing) -> AsyncIterator[Driver]:
    database, washes = laundry
    transport = httpx2.ASGITransport(create_app(deployment(database, ring, ISSUER, laundry=washes)))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield Driver(client, await first_admin(database, ring))


@pytest.fixture
def keep_journal(laundry: Washers, ring: KeyRing) -> Callable[[], Awaitable[None]]:
    """Puts every event in order that is there by now."""

    async def keep() -> None:
        sequencer = Sequencer(laundry[0], ring.journal_key)
        while await sequencer.round():
            pass

    return keep
