"""A real PostgreSQL for every test: one embedded server per test process, cloned from a migrated template."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from secrets import token_hex

import httpx2
import pytest

from app.crypto.keys import KeyRing
from app.main import create_app, deployment, found_registry, open_database, passwords
from app.storage.database import Database
from app.storage.embedded import EmbeddedAddress, EmbeddedPostgres
from app.storage.migrating import migrate
from tests.console.chromium_found import MISSING
from tests.direct import superuser
from tests.registry_driver import ISSUER, Driver, first_admin

Clone = Callable[[], Awaitable[str]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What could not be tested here is said in red, last of all: a row of dots would hide it."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.write_line(MISSING, red=True, bold=True)


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    return KeyRing.generate()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAddress]:
    folder: Path = tmp_path_factory.mktemp("pg")
    with EmbeddedPostgres(folder) as address:
        yield address


@pytest.fixture(scope="session")
async def template(postgres: EmbeddedAddress, ring: KeyRing) -> str:
    """The URL of a migrated and founded database that nobody is connected to."""
    await migrate(postgres.url(), passwords(ring))
    database = open_database(postgres.url(), ring, ISSUER)
    await found_registry(database)
    await database.dispose()
    return postgres.url()


@pytest.fixture(scope="session")
def clone(postgres: EmbeddedAddress, template: str, ring: KeyRing) -> Clone:
    """Makes a fresh copy of the migrated, founded database; its URL names the superuser."""

    async def make() -> str:
        name = f"clone_{token_hex(6)}"
        admin = await superuser(template, "postgres")
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{postgres.database}"')
        await admin.close()
        url = template.replace(f"/{postgres.database}?", f"/{name}?")
        await migrate(url, passwords(ring))
        return url

    return make


@pytest.fixture(scope="session")
async def database_url(clone: Clone) -> str:
    """One database that the tests of a process share: each makes its own parties and people."""
    return await clone()


@pytest.fixture(scope="session")
async def database(database_url: str, ring: KeyRing) -> AsyncIterator[Database]:
    opened = open_database(database_url, ring, ISSUER)
    yield opened
    await opened.dispose()


@pytest.fixture(scope="session")
async def registry(database: Database, ring: KeyRing) -> AsyncIterator[Driver]:
    """The service over HTTP, driven as its users drive it."""
    parts = deployment(database, ring, ISSUER, metrics_token="metrics-token")
    transport = httpx2.ASGITransport(create_app(parts), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield Driver(client, await first_admin(database, ring))
