"""A registry full of entries in a folder of its own, and the same entries as the references keep them."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import numpy as np

from app.crypto.keys import KeyRing, load_or_create
from app.domain.facts import Policy
from app.domain.parties import Role
from app.main import open_database
from app.storage.embedded import EmbeddedAddress
from app.usecases.act import Act
from app.usecases.issue_credential import issue_credential
from app.usecases.register_controller import NewController, register_controller
from bench import people
from bench.client import Connection, post
from bench.dataset import load, load_reference
from bench.options import Options
from bench.serving import Program, start_sparr

REFERENCE = "reference"
_OLD = 8 * 60.0
_AT_ONCE = 50


@dataclass(slots=True)
class World:
    """`ids` and `lists` are the controllers' ids and list numbers by rank, the largest list first."""

    options: Options
    folder: Path
    entries: int = 0
    server: Program | None = None
    ring: KeyRing = field(init=False)
    ids: list[UUID] = field(default_factory=list)
    lists: Any = None
    built_in: float = 0.0
    _tokens: dict[tuple[int, Role], tuple[str, float]] = field(default_factory=dict)
    _credentials: dict[tuple[int, Role], tuple[UUID, str]] = field(default_factory=dict)
    _served: int = 0

    async def build(self, entries: int) -> "World":
        """Make it, or let it grow."""
        begun = time.perf_counter()
        await self.serve(1)
        if not self.ids:
            self.ring = load_or_create(self.folder / "data" / "keys.json")
            await self._open_lists()
        if entries > self.entries:
            await self._grow(entries)
            self.built_in += time.perf_counter() - begun
        return self

    async def serve(self, workers: int, *, anew: bool = False) -> None:
        """Have it answer with so many workers; with `anew` as one that was started just now."""
        if self._served == workers and not anew:
            return
        self.stop()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.server = start_sparr(self.folder, workers)
        self._served = workers
        self._tokens.clear()

    def stop(self) -> None:
        """End the server, if there is one."""
        if self.server is not None:
            self.server.stop()
        self.server, self._served = None, 0

    @property
    def port(self) -> int:
        """Where it listens."""
        if self.server is None:
            raise RuntimeError("nothing is served")
        return self.server.port

    @property
    def address(self) -> EmbeddedAddress:
        """The embedded server, as its superuser reaches it."""
        socket = next(path for path in self._socket_folders() if any(path.glob(".s.PGSQL.*")))
        password = (self.folder / "data" / "pg-password").read_text().strip()
        return EmbeddedAddress(socket, 5432, "sparr_super", password, "sparr")

    def _socket_folders(self) -> list[Path]:
        return [self.folder / "data" / "socket", *Path("/tmp").glob("sparr-*")]  # noqa: S108 - where it lies

    async def superuser(self, database: str = "sparr") -> Any:
        """A plain connection."""
        address = self.address
        return await asyncpg.connect(
            host=str(address.socket_dir),
            port=address.port,
            user=address.user,
            password=address.password,
            database=database,
        )

    @asynccontextmanager
    async def bare(self, database: str = REFERENCE) -> AsyncIterator[Any]:
        """The same for a block."""
        connection = await self.superuser(database)
        try:
            yield connection
        finally:
            await connection.close()

    def reference_url(self) -> str:
        """The references' database, for SQLAlchemy, with the password of a server that lives for minutes."""
        address = self.address
        place = urlencode({"host": str(address.socket_dir), "port": address.port})
        return f"postgresql+asyncpg://{address.user}:{address.password}@/{REFERENCE}?{place}"

    async def token(self, rank: int = 0, role: Role = Role.SENDER) -> str:
        """An access token of somebody who speaks for a controller; a new one before the last one ends."""
        key = (rank, role)
        known = self._tokens.get(key)
        if known is not None and time.monotonic() - known[1] < _OLD:
            return known[0]
        client_id, secret = await self.credential(rank, role)
        token = await exchanged(self.port, str(client_id), secret)
        self._tokens[key] = (token, time.monotonic())
        return token

    async def credential(self, rank: int = 0, role: Role = Role.SENDER) -> tuple[UUID, str]:
        """Client id and secret of somebody who speaks for a controller."""
        key = (rank, role)
        if key not in self._credentials:
            self._credentials[key] = await self._issued(self.ids[rank], role)
        return self._credentials[key]

    async def _issued(self, party_id: UUID, role: Role) -> tuple[UUID, str]:
        database = open_database(self.address.url(), self.ring, "http://127.0.0.1", pool=1)
        async with database.write() as unit:
            act = Act.begin(datetime.now(UTC), None)
            made = await issue_credential(unit, act, self.ring.credential_key, party_id, role)
        await database.dispose()
        return made.client_id, made.client_secret

    async def _open_lists(self) -> None:
        database = open_database(self.address.url(), self.ring, "http://127.0.0.1", pool=1)
        numbers: list[int] = []
        for first in range(0, self.options.controllers, _AT_ONCE):
            async with database.write() as unit:
                for rank in range(first, min(first + _AT_ONCE, self.options.controllers)):
                    new = NewController(f"List {rank}", f"55{rank:08}", "SE", None, False, Policy())  # noqa: FBT003
                    made = await register_controller(unit, Act.begin(datetime.now(UTC), None), new)
                    self.ids.append(made.id)
                    numbers.append(made.number)
        await database.dispose()
        self.lists = np.array(numbers, np.int32)
        async with self.bare("sparr") as connection:
            await connection.execute(f"CREATE DATABASE {REFERENCE}")

    async def _grow(self, entries: int) -> None:
        fingerprints = open_database(self.address.url(), self.ring, "").instruments.fingerprints
        async with self.bare("sparr") as connection:
            await load(connection, fingerprints, self.lists, self.entries, entries, self.options.seed)
            await connection.execute("VACUUM (ANALYZE) registry.entry, registry.entry_key")
        async with self.bare() as connection:
            await load_reference(connection, self.lists, self.entries, entries)
            await connection.execute("CHECKPOINT")
        self.entries = entries
        # What was loaded past the service is not known to one that runs.
        await self.serve(1, anew=True)

    def listed(self, rank: int = 0, *, emails: bool = False) -> list[str]:
        """Identifiers in one list: its phone numbers, or its e-mail addresses."""
        found = people.members(rank, self.options.controllers, self.entries)
        chosen = found[people.has_email(found) == emails]
        return people.emails(chosen) if emails else people.phone_numbers(chosen)


def strangers(count: int = 100_000, *, emails: bool = False) -> list[str]:
    """Identifiers that are in no list."""
    found = np.arange(people.STRANGERS, people.STRANGERS + count, dtype=np.int64)
    return people.emails(found) if emails else people.phone_numbers(found)


async def exchanged(port: int, client_id: str, secret: str) -> str:
    """An access token for a credential."""
    form = urlencode({"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret})
    connection = await Connection.open(port)
    media = "application/x-www-form-urlencoded"
    answer = await connection.told(post("/oauth/token", form.encode(), media=media))
    connection.close()
    return str(answer["access_token"])
