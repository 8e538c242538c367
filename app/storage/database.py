"""Connections: one pool for each database role, each with its limits, and the units that borrow from them.

Statement, lock and idle times are set at connect, because two of them are off by default; the search path is
pinned to pg_catalog, so that every name in our SQL says its schema.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.crypto.instruments import Instruments
from app.domain.refusals import StatementError, UnavailableError
from app.storage.lookup_units import LookupUnit
from app.storage.novelty import NoveltyWatch
from app.storage.presence.connecting import DRIVER_ERRORS, Connection, connected
from app.storage.presence.index import PresenceIndex
from app.storage.standbys import Confirmation, hear_warnings
from app.storage.straight import DIALECT, Straights, WhenNeeded
from app.storage.units import ReadUnit, ShredUnit, WholeUnit, WriteUnit

SESSION = {
    "application_name": "sparr",
    "search_path": "pg_catalog",
    "statement_timeout": "15000",
    "lock_timeout": "5000",
    "transaction_timeout": "30000",
    "idle_in_transaction_session_timeout": "10000",
    "jit": "off",
    "timezone": "UTC",
}

API_ROLE = "sparr_api"
LOOKUP_ROLE = "sparr_lookup"
SHREDDER_ROLE = "sparr_shredder"
JOURNAL_ROLE = "sparr_journal"
ANSWER_SECONDS = 1.8
"""Who waits longer for the database, for all that one answer needs, is told so within 2 seconds; a server
that stands still says nothing itself."""

NOTE_SECONDS = 1.0
"""The note of an answer that has been given but for its last line is not waited for longer."""

ACT_SECONDS = 35.0
"""The server itself ends a transaction after 30 seconds; one that stands still, or is gone without a word, is
given up a little later."""

COMMIT_SECONDS = 20.0
"""A commit that takes longer, because no standby confirms it or the way to the server is gone, is given up:
nobody knows whether it is there, and a repeat with the same key finds out."""

INDEX_MEMORY = 512
"""MiB that the presence index of a process may take."""

_FAILING = frozenset({"08", "53", "55", "57", "58", "XX"})
"""Errors that say nothing of the statement: connection, resources, lock, operator, system, fault."""

_PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}
"""Planning takes longer than doing what every lookup does, and its statements have one sensible plan."""

_PROBING = {
    **_PLANNED_ONCE,
    "default_transaction_read_only": "on",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""A lookup probes indexes. Of tables that nobody has counted yet (ANALYZE) the planner believes that they are
short, and compares each of their rows with each of ten thousand that are asked for."""

_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_GLANCING = {**_PLANNED_ONCE, "default_transaction_read_only": "on"}

SERVICE_ROLES = (API_ROLE, LOOKUP_ROLE, SHREDDER_ROLE, JOURNAL_ROLE)


def async_url(url: str) -> URL:
    """The URL with the driver written out: SQLAlchemy 2.1 reads a plain postgresql:// as another one."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+asyncpg")


def without_login(url: str) -> str:
    """The same place without user and password, for processes that log in as service roles only."""
    return async_url(url).set(username=None, password=None).render_as_string(hide_password=False)


def application(instruments: Instruments) -> str:
    """The name of a connection: it tells which master keys its process knows, and none of them."""
    return f"sparr {instruments.vault.generation}"


def _engine(url: URL, pool: int, session: Mapping[str, str]) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,
        connect_args={"server_settings": session, "timeout": 5},
    )


def _login(url: URL) -> Mapping[str, Any]:
    """The driver's own arguments for a URL."""
    told: Mapping[str, Any] = DIALECT.create_connect_args(url)[1]
    return told


class Database:
    """One deployment's database. `passwords` maps the service roles to theirs; `url` tells the server;
    `index_memory` is in MiB."""

    def __init__(
        self,
        url: str,
        passwords: Mapping[str, str],
        instruments: Instruments,
        pool: int = 8,
        index_memory: int = INDEX_MEMORY,
    ) -> None:
        base = async_url(url)
        api = base.set(username=API_ROLE, password=passwords[API_ROLE])
        lookup = base.set(username=LOOKUP_ROLE, password=passwords[LOOKUP_ROLE])
        shredder = base.set(username=SHREDDER_ROLE, password=passwords[SHREDDER_ROLE])
        self.instruments = instruments
        self._session = {**SESSION, "application_name": application(instruments)}
        self._api = _engine(api, pool, self._session)
        hear_warnings(self._api)
        self._shredder = _engine(shredder, 1, self._session)
        self._logins = {API_ROLE: _login(api), LOOKUP_ROLE: _login(lookup)}
        self._lookups = Straights(partial(self._straight, LOOKUP_ROLE, _PROBING), pool)
        self._fetches = Straights(partial(self._straight, LOOKUP_ROLE, _PROBING), pool)
        self._glances = Straights(partial(self._straight, API_ROLE, _GLANCING), 1)
        self._notes = Straights(partial(self._straight, API_ROLE, _PLANNED_ONCE), 1)
        self.presence = PresenceIndex(self._connected, instruments, index_memory << 20)
        self.novelty = NoveltyWatch()
        journal = base.set(username=JOURNAL_ROLE, password=passwords[JOURNAL_ROLE])
        self._journal = _engine(journal, 1, self._session)

    @asynccontextmanager
    async def write(self, *, hurried: bool = False, lasting: bool = False) -> AsyncIterator[WriteUnit]:
        """One act, one transaction: committed when the block ends well, rolled back otherwise. `hurried` when
        it is the note of an answer whose last line waits for it; `lasting` when it reads what is sent."""
        with _unavailable():
            async with (
                asyncio.timeout(None if lasting else NOTE_SECONDS if hurried else ACT_SECONDS) as limit,
                self._api.begin() as connection,
            ):
                confirmation = Confirmation(connection)
                yield WriteUnit(connection, self.instruments)
                if not hurried:
                    limit.reschedule(asyncio.get_running_loop().time() + COMMIT_SECONDS)
            confirmation.demand()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadUnit]:
        """Reads beside the lookup: parties, mandates, objections. Read only, and never committed."""
        with _unavailable():
            async with asyncio.timeout(ANSWER_SECONDS), self._api.connect() as connection:
                await connection.execution_options(postgresql_readonly=True)
                yield ReadUnit(connection, self.instruments)

    @asynccontextmanager
    async def lookup(self, waited: float = 0.0) -> AsyncIterator[LookupUnit]:
        """One snapshot, read only, under the role that can read what a lookup needs and nothing else, for a
        request that has waited for the database before (seconds)."""
        with _unavailable():
            async with asyncio.timeout(max(ANSWER_SECONDS - waited, 0)), AsyncExitStack() as open_:
                session = WhenNeeded(self._lookups, _SNAPSHOT, open_)
                yield LookupUnit(session, self.instruments, self.presence, self.novelty, self._fetches)

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[ReadUnit]:
        """A read that every request waits for; they share it, so that there is one at a time."""
        with _unavailable():
            async with asyncio.timeout(ANSWER_SECONDS), self._glances.single() as connection:
                yield ReadUnit(connection, self.instruments)

    @asynccontextmanager
    async def note(self, controllers: Collection[int]) -> AsyncIterator[WriteUnit]:
        """One statement that writes to these lists, and that every lookup waits for; they share it, so that
        there is one at a time."""
        with _unavailable():
            async with asyncio.timeout(ANSWER_SECONDS), self._notes.single(controllers) as connection:
                yield WriteUnit(connection, self.instruments, frozenset(controllers))

    async def _connected(self, settings: Mapping[str, str]) -> Connection:
        """A connection of the presence index's own, as the role that lookups have."""
        return await self._straight(LOOKUP_ROLE, settings)

    async def _straight(self, role: str, settings: Mapping[str, str]) -> Connection:
        """A connection without a layer in between."""
        return await connected(self._logins[role], {**self._session, **settings})

    @asynccontextmanager
    async def shred(self) -> AsyncIterator[ShredUnit]:
        """One transaction under the role that can destroy key rows of the vault and do nothing else. It
        connects when the first erasure comes."""
        with _unavailable():
            async with self._shredder.begin() as connection:
                yield ShredUnit(connection)

    @asynccontextmanager
    async def sequence(self) -> AsyncIterator[WriteUnit]:
        """One round of the journal, under the role that reads what was written and adds leaves alone."""
        with _unavailable():
            async with self._journal.begin() as connection:
                yield WriteUnit(connection, self.instruments)

    @asynccontextmanager
    async def whole(self) -> AsyncIterator[WholeUnit]:
        """One snapshot of everything that the journal covers, read only, for as long as that takes."""
        with _unavailable():
            async with self._journal.connect() as connection:
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                await connection.execute(_NO_TIME)
                yield WholeUnit(connection, self.instruments)

    async def dispose(self) -> None:
        """Close every connection."""
        await self.presence.close()
        await self._journal.dispose()
        await self._api.dispose()
        for straights in (self._lookups, self._fetches, self._glances, self._notes):
            await straights.close()
        await self._shredder.dispose()


_NO_TIME = text(
    "SELECT set_config('transaction_timeout', '0', true), set_config('statement_timeout', '0', true)"
)


class _unavailable:  # noqa: N801 - reads as a statement: with _unavailable()
    """Turns whatever the driver raises into one error of ours, without the statement or its parameters."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (*DRIVER_ERRORS, SQLAlchemyError)):
            state = getattr(getattr(error, "orig", error), "sqlstate", None)
            told = f"{type(error).__name__} {state}" if state else type(error).__name__
            # The driver's own text quotes values and keys, so it does not travel along as the cause.
            raise (StatementError if _stands(error, state) else UnavailableError)(told) from None


def _stands(error: BaseException, state: str | None) -> bool:
    """Whether the statement was at fault and the connection outlives it: the server's word can be relied on,
    and to do the same without that statement may help."""
    if state is None or getattr(
        error, "connection_invalidated", not isinstance(error, asyncpg.PostgresError)
    ):
        return False
    return state[:2] not in _FAILING
