"""A registry of its own on a cloned database, for tests that break what others share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from app.crypto.keys import KeyRing
from app.main import create_app, deployment, open_database
from tests.registry_driver import ISSUER, Driver, Json, first_admin


@asynccontextmanager
async def registry_at(url: str, ring: KeyRing, admin: Json | None = None) -> AsyncIterator[Driver]:
    """The service on another database. Without a credential of an admin one is made there."""
    database = open_database(url, ring, ISSUER)
    transport = httpx2.ASGITransport(
        create_app(deployment(database, ring, ISSUER)), raise_app_exceptions=False
    )
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield Driver(client, admin or await first_admin(database, ring))
    await database.dispose()
