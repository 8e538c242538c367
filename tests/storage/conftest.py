"""Databases that a test may break, and servers that it may stop."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.crypto.keys import KeyRing
from app.main import open_database
from app.storage.database import Database
from app.storage.embedded import EmbeddedPostgres
from tests.conftest import Clone
from tests.registry_driver import ISSUER
from tests.storage.busy import Busy, make_busy


@pytest.fixture(scope="session")
async def busy(clone: Clone, ring: KeyRing) -> AsyncIterator[Busy]:
    """A registry in which everything has happened at least once. It is read, and not written to any more."""
    made = await make_busy(await clone(), ring)
    yield made
    await made.close()


@pytest.fixture
async def scratch_url(clone: Clone) -> str:
    """The superuser's URL of a founded database of one test's own."""
    return await clone()


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
