"""Two services over one database: one that keeps lists in memory, and one that never does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from app.crypto.keys import KeyRing
from app.main import create_app, deployment, open_database
from app.storage.database import Database
from app.storage.presence.index import PresenceIndex
from tests.direct import superuser
from tests.registry_driver import ISSUER, Driver, Json, Party, first_admin


@dataclass(frozen=True)
class Indexed:
    """A registry whose lists can be held in memory, the same without an index, and its superuser."""

    url: str
    database: Database
    registry: Driver
    plain: Driver
    behind: Any

    @property
    def index(self) -> PresenceIndex:
        return self.database.presence

    async def number(self, party: Party) -> int:
        sql = "SELECT controller_no FROM registry.holder WHERE party_id = $1"
        number: int = await self.behind.fetchval(sql, UUID(party.id))
        return number

    async def hold(self, sender: Party, **fields: Any) -> None:
        """Have the lists of a sender's questions loaded."""
        await self.registry.look_up(sender, "+46701740605", **fields)
        await self.index.settle()
        assert await self.index.standing(await self.number(sender), None) is not None

    async def said_by(self, sender: Party, *identifiers: Any, **fields: Any) -> tuple[str, Json]:
        """Where it was read who has no fact, and the answer."""
        before = await self.counts()
        found = await self.registry.look_up(sender, *identifiers, **fields)
        after = await self.counts()
        (by,) = [name for name, count in after.items() if count != before.get(name, 0)]
        return by, found

    async def counts(self) -> dict[str, float]:
        """The lookups of this process that were answered, by whom."""
        told = await self.registry.client.get("/metrics", headers={"Authorization": "Bearer metrics-token"})
        rows = [line for line in told.text.splitlines() if line.startswith("sparr_lookups_answered_total{")]
        return {row.split('"')[1]: float(row.rsplit(" ", 1)[1]) for row in rows}


@asynccontextmanager
async def indexed(url: str, ring: KeyRing, index_memory: int = 64) -> AsyncIterator[Indexed]:
    database = open_database(url, ring, ISSUER, index_memory=index_memory)
    without = open_database(url, ring, ISSUER, index_memory=0)
    admin = await first_admin(database, ring)
    behind = await superuser(url)
    async with _driven(database, ring, admin) as registry, _driven(without, ring, admin) as plain:
        yield Indexed(url, database, registry, plain, behind)
    await behind.close()
    await database.dispose()
    await without.dispose()


@asynccontextmanager
async def _driven(database: Database, ring: KeyRing, admin: Json) -> AsyncIterator[Driver]:
    parts = deployment(database, ring, ISSUER, metrics_token="metrics-token")
    transport = httpx2.ASGITransport(create_app(parts), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield Driver(client, admin)
