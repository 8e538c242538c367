"""A server that nothing has been migrated on: roles belong to a whole server."""

from collections.abc import Awaitable, Callable, Iterator
from secrets import token_hex

import pytest

from app.storage.embedded import EmbeddedAddress, EmbeddedPostgres
from tests.direct import superuser

Empty = Callable[[], Awaitable[str]]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAddress]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("bare"))
    yield server.start()
    server.stop("immediate")


@pytest.fixture(scope="module")
def empty(bare: EmbeddedAddress) -> Empty:
    """Makes an empty database; the URL names the superuser."""

    async def make() -> str:
        name = f"empty_{token_hex(6)}"
        admin = await superuser(bare.url(), "postgres")
        await admin.execute(f'CREATE DATABASE "{name}"')
        await admin.close()
        return bare.url().replace(f"/{bare.database}?", f"/{name}?")

    return make


def pytest_addoption(parser: pytest.Parser) -> None:
    # Known only when this folder is named on the command line, which is enough: nobody else writes.
    parser.addoption("--write-schema", action="store_true", help="write schema.txt instead of comparing it")
