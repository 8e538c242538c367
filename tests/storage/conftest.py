"""Databases that a test may break, on a server whose roles it may change, and servers that it may stop."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from app.crypto.keys import KeyRing
from app.main import found_registry, open_database, passwords
from app.storage.database import Database
from app.storage.embedded import EmbeddedPostgres
from app.storage.migrating import migrate
from tests.conftest import Clone
from tests.direct import superuser
from tests.registry_driver import ISSUER
from tests.storage.attacked_journal import journalled_registry
from tests.storage.busy import Busy, make_busy


@pytest.fixture(scope="session")
async def breakable(tmp_path_factory: pytest.TempPathFactory, ring: KeyRing) -> AsyncIterator[Clone]:
    """Makes databases like `clone` does, on a server of their own. It is killed in the end: what is broken
    need not be flushed to disk."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("breakable"))
    address = server.start()
    await migrate(address.url(), passwords(ring))
    database = open_database(address.url(), ring, ISSUER)
    await found_registry(database)
    await database.dispose()

    async def make() -> str:
        name = f"broken_{token_hex(6)}"
        admin = await superuser(address.url(), "postgres")
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{address.database}"')
        await admin.close()
        url = address.url().replace(f"/{address.database}?", f"/{name}?")
        await migrate(url, passwords(ring))
        return url

    yield make
    server.stop("immediate")


@pytest.fixture(scope="session")
async def busy(breakable: Clone, ring: KeyRing) -> AsyncIterator[Busy]:
    """A registry in which everything has happened at least once. It is read, and not written to any more."""
    made = await make_busy(await breakable(), ring)
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def journalled(breakable: Clone, ring: KeyRing) -> str:
    """A registry in which everything happened, with its journal of several signed trees, and nobody connected
    to it: its superuser's URL."""
    return await journalled_registry(await breakable(), ring)


@pytest.fixture
async def scratch_url(breakable: Clone) -> str:
    """The superuser's URL of a founded database of one test's own."""
    return await breakable()


@pytest.fixture
async def scratch(scratch_url: str, ring: KeyRing) -> AsyncIterator[Database]:
    opened = open_database(scratch_url, ring, ISSUER)
    yield opened
    await opened.dispose()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server that is not started yet."""
    server = EmbeddedPostgres(tmp_path / "own")
    yield server
    server.stop("immediate")
