"""A registry of a proof's own: its PostgreSQL server, a founded database, and the service over it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from structlog.testing import capture_logs

from app.crypto.keys import KeyRing
from app.main import found_registry, open_database, passwords
from app.storage.embedded import EmbeddedPostgres
from app.storage.migrating import migrate
from tests.registry_driver import ISSUER, Driver, served


@asynccontextmanager
async def founded(ring: KeyRing) -> AsyncIterator[str]:
    """The superuser's URL of a database that is ready to be served from."""
    with TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "server") as address:
        await migrate(address.url(), passwords(ring))
        database = open_database(address.url(), ring, ISSUER)
        await found_registry(database)
        await database.dispose()
        yield address.url()


@asynccontextmanager
async def own_registry() -> AsyncIterator[Driver]:
    ring = KeyRing.generate()
    with capture_logs():
        async with founded(ring) as url, served(url, ring) as driver:
            yield driver
