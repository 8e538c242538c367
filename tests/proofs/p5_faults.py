"""What can be wrong when somebody asks. Each is a context: inside it is wrong, after it all is well again.

Databases that are not what they should be are copies of the right one, broken, and put in its place by name.
"""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from app.crypto.keys import load_or_create
from tests.direct import superuser
from tests.process.running import ROOT
from tests.proofs.pair import Server
from tests.proofs.proxy import Mode, Proxy
from tests.proofs.registry import Service

ENTRIES = "registry.entry, registry.entry_key"
NAMED: Final = "sparr"


@dataclass(slots=True)
class Place:
    """Where things go wrong: a server, the way to it, and the service that asks it."""

    folder: Path
    server: Server
    way: Proxy
    service: Service
    notes: list[str] = field(default_factory=list)

    async def tell(self, *statements: str, database: str = "postgres") -> None:
        """Statements of the superuser, one after another."""
        connection = await superuser(self.server.url, database)
        try:
            for each in statements:
                await connection.execute(each)
        finally:
            connection.terminate()

    def signal(self, number: signal.Signals, *, every: bool = False) -> None:
        """To the postmaster, or to every process of the server."""
        for each in self.server.processes()[: None if every else 1]:
            with contextlib.suppress(psutil.Error):
                each.send_signal(number)

    async def drop_connections(self) -> None:
        """End every connection of the service."""
        await self.tell(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('sparr_api', "
            "'sparr_lookup', 'sparr_journal', 'sparr_shredder')"
        )


Fault = Callable[[Place], AbstractAsyncContextManager[None]]

BROKEN: Final[dict[str, str]] = {
    "entries gone": "TRUNCATE registry.entry_key",
    "entries under another name": "ALTER TABLE registry.entry RENAME TO entry_of_before",
    "another column": "ALTER TABLE registry.entry_key RENAME COLUMN fingerprint TO print",
    "entries hidden by a policy": "ALTER POLICY declared ON registry.entry_key USING (false)",
    "policies gone": "DROP POLICY declared ON registry.entry_key; DROP POLICY declared ON registry.entry",
    "no right to read": "REVOKE SELECT ON registry.entry FROM sparr_lookup, PUBLIC",
    "versions gone": "TRUNCATE registry.controller_version CASCADE",
    "canaries missing": "DELETE FROM registry.entry_key WHERE (controller_no, entry_id) IN "
    "(SELECT controller_no, id FROM registry.entry WHERE kind = 0)",
}
"""Databases that look right and are not, and what was done to each."""


def copy_of(fault: str) -> str:
    """The name of a broken database."""
    return "broken_" + fault.replace(" ", "_")


async def make_broken(place: Place) -> None:
    """All of them, copied from the right one while nobody is connected to it; and an empty one."""
    await place.tell('CREATE DATABASE "broken_empty"')
    for fault, statement in BROKEN.items():
        await place.tell(f'CREATE DATABASE "{copy_of(fault)}" TEMPLATE "{NAMED}"')
        await place.tell("SET session_replication_role = replica", statement, database=copy_of(fault))


def _in_place(name: str) -> Fault:
    @asynccontextmanager
    async def replaced(place: Place) -> AsyncIterator[None]:
        await _swap(place, NAMED, "kept", name)
        try:
            yield
        finally:
            await _swap(place, NAMED, name, "kept")

    return replaced


async def _swap(place: Place, named: str, away: str, here: str) -> None:
    """What has the name gets another one, and what is to take its place gets the name."""
    await place.tell(f'ALTER DATABASE "{named}" ALLOW_CONNECTIONS false')
    for _ in range(50):
        await place.drop_connections()
        with contextlib.suppress(Exception):
            await place.tell(f'ALTER DATABASE "{named}" RENAME TO "{away}"')
            break
        await asyncio.sleep(0.05)
    await place.tell(f'ALTER DATABASE "{away}" ALLOW_CONNECTIONS true')
    await place.tell(f'ALTER DATABASE "{here}" RENAME TO "{named}"')


def _signalled(number: signal.Signals, *, every: bool = False) -> Fault:
    @asynccontextmanager
    async def struck(place: Place) -> AsyncIterator[None]:
        place.signal(number, every=every)
        yield

    return struck


def _still(*kinds: str) -> Fault:
    @asynccontextmanager
    async def stopped(place: Place) -> AsyncIterator[None]:
        place.server.stand_still(*kinds)
        try:
            yield
        finally:
            place.server.go_on()

    return stopped


def _way(mode: Mode, delay: float = 0.0) -> Fault:
    @asynccontextmanager
    async def broken(place: Place) -> AsyncIterator[None]:
        place.way.mode, place.way.delay = mode, delay
        if mode is Mode.RESET:
            place.way.reset()
        try:
            yield
        finally:
            place.way.mode, place.way.delay = Mode.PASS, 0.0
            place.way.reset()

    return broken


def _told(wrong: str, right: str) -> Fault:
    """Something that the superuser says, and takes back; connections are made anew in between."""

    @asynccontextmanager
    async def said(place: Place) -> AsyncIterator[None]:
        await place.tell(wrong)
        await place.drop_connections()
        try:
            yield
        finally:
            await place.tell(right)
            await place.drop_connections()

    return said


def _locked(tables: str) -> Fault:
    @asynccontextmanager
    async def held(place: Place) -> AsyncIterator[None]:
        connection: Any = await superuser(place.server.url, NAMED)
        await connection.execute(f"BEGIN; LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
        try:
            yield
        finally:
            connection.terminate()

    return held


@asynccontextmanager
async def _gone(place: Place) -> AsyncIterator[None]:
    await asyncio.to_thread(place.server.postgres.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(place.server.start)


@asynccontextmanager
async def _terminated(place: Place) -> AsyncIterator[None]:
    async def on_and_on() -> None:
        while True:
            await place.drop_connections()
            await asyncio.sleep(0.02)

    ending = asyncio.create_task(on_and_on())
    try:
        yield
    finally:
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)


@asynccontextmanager
async def _full_disk(place: Place) -> AsyncIterator[None]:
    place.server.disk.fill()
    try:
        yield
    finally:
        place.server.disk.clear()


@asynccontextmanager
async def _worker_killed(place: Place) -> AsyncIterator[None]:
    for each in place.service.workers()[:1]:
        each.kill()
    yield


def _starting(because: str = "", **settings: str) -> Fault:
    """The service is started anew while it is asked; with these settings it must not answer at all, and say
    why."""

    @asynccontextmanager
    async def started(place: Place) -> AsyncIterator[None]:
        place.service.kill()
        start = asyncio.create_task(asyncio.to_thread(place.service.tried, **settings))
        try:
            if settings:
                assert not await start, "a service that must not start answers"
                said = place.service.log.read_text()
                assert because in said, f"it ends for another reason: {said[-300:]}"
            yield
        finally:
            await start
            place.service.kill()
            await asyncio.to_thread(place.service.start)

    return started


def other_key(folder: Path) -> Path:
    """A key ring that logs in to this database, and fingerprints with another key."""
    right, wrong = folder / "keys.json", folder / "other-keys.json"
    load_or_create(folder / "stranger-keys.json")
    told, strange = (json.loads(one.read_text()) for one in (right, folder / "stranger-keys.json"))
    told["fingerprint_key"] = strange["fingerprint_key"]
    wrong.write_text(json.dumps(told))
    wrong.chmod(0o600)
    return wrong


def faults(place: Place) -> dict[str, Fault]:
    """All that this machine allows, by name."""
    shifted = {"PYTHONPATH": f"{ROOT / 'tests' / 'proofs' / 'shifted'}:{ROOT}"}
    found: dict[str, Fault] = {
        "database killed": _signalled(signal.SIGKILL),
        "all of the database killed": _signalled(signal.SIGKILL, every=True),
        "database stopped at once": _signalled(signal.SIGQUIT),
        "database gone": _gone,
        "database stands still": _still(),
        "connections stand still": _still(": sparr_"),
        "connections end": _terminated,
        "way half-open": _way(Mode.STALL),
        "way slow": _way(Mode.PASS, 0.5),
        "way reset": _way(Mode.RESET),
        "way trickling": _way(Mode.TRICKLE),
        "way cut": _way(Mode.CUT),
        "entries locked": _locked(ENTRIES),
        "credentials locked": _locked("registry.credential"),
        "notes locked": _locked("registry.lookup_note"),
        "read only": _told(
            f"ALTER DATABASE {NAMED} SET default_transaction_read_only = on",
            f"ALTER DATABASE {NAMED} RESET default_transaction_read_only",
        ),
        "connections used up": _told(
            f"ALTER DATABASE {NAMED} CONNECTION LIMIT 0", f"ALTER DATABASE {NAMED} CONNECTION LIMIT -1"
        ),
        "lookups may not log in": _told("ALTER ROLE sparr_lookup NOLOGIN", "ALTER ROLE sparr_lookup LOGIN"),
        "nobody may log in": _told(
            "ALTER ROLE sparr_lookup NOLOGIN; ALTER ROLE sparr_api NOLOGIN",
            "ALTER ROLE sparr_lookup LOGIN; ALTER ROLE sparr_api LOGIN",
        ),
        "database empty": _in_place("broken_empty"),
        **{name: _in_place(copy_of(name)) for name in BROKEN},
        "worker killed": _worker_killed,
        "worker starting": _starting(),
        # A new ring is made, and cannot log in.
        "key ring missing": _starting("DATABASE", SPARR_KEYS_FILE=str(place.folder / "no" / "keys.json")),
        "another key": _starting("CANARY", SPARR_KEYS_FILE=str(other_key(place.folder))),
        "clock off": _starting("CLOCK", **shifted),
    }
    if place.server.disk.fillable:
        found["disk full"] = _full_disk
    else:
        place.notes.append("NOT DONE: a full disk (no right to mount a small one)")
    return found
