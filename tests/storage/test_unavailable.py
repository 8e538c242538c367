"""Whatever breaks a unit comes out as one error, never as an empty answer, and it quotes no data."""

import asyncio
import os
import signal
import time
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text

from app.crypto.keys import KeyRing
from app.domain.refusals import UnavailableError
from app.main import create_app, deployment, found_registry, open_database, passwords
from app.storage.database import Database
from app.storage.embedded import EmbeddedPostgres
from app.storage.migrating import migrate
from app.storage.units import ReadUnit
from tests.direct import superuser
from tests.registry_driver import ISSUER
from tests.storage.acting import ONE, PLANTED, Opened, ask, do, done

BACKEND = text("SELECT pg_backend_pid()")
KNOWN = text("SELECT id FROM registry.event WHERE id = :id")

Break = Callable[[ReadUnit], Awaitable[None]]


def says_nothing(error: BaseException) -> bool:
    """Nobody who prints the error, its causes or its traceback learns a value."""
    told = "".join(traceback.format_exception(error)) + repr(error)
    return PLANTED not in told and "[SQL" not in told


async def broken_by(opened: Opened, broken: Break) -> None:
    async with opened() as unit:
        await broken(unit)


async def _sleeping(unit: ReadUnit) -> None:
    await unit.rows(text("SET LOCAL statement_timeout = 50"))
    await unit.rows(text("SELECT pg_sleep(5), CAST(:planted AS text)"), {"planted": PLANTED})


async def _idling(unit: ReadUnit) -> None:
    await unit.rows(text("SET LOCAL idle_in_transaction_session_timeout = 50"))
    await asyncio.sleep(0.3)
    await unit.rows(ONE)


async def _lasting(unit: ReadUnit) -> None:
    # A limit that runs already is not started anew by another value; one that was switched off is.
    await unit.rows(text("SET LOCAL transaction_timeout = 0"))
    await unit.rows(text("SET LOCAL transaction_timeout = 50"))
    await asyncio.sleep(0.3)
    await unit.rows(ONE)


async def _misreading(unit: ReadUnit) -> None:
    await unit.rows(text("SELECT CAST(CAST(:planted AS text) AS uuid)"), {"planted": PLANTED})


async def _dividing(unit: ReadUnit) -> None:
    await unit.rows(text("SELECT 1 / (length(CAST(:planted AS text)) - 12)"), {"planted": PLANTED})


async def _missing(unit: ReadUnit) -> None:
    await unit.rows(
        text("SELECT * FROM registry.no_such_table WHERE a = CAST(:planted AS text)"), {"planted": PLANTED}
    )


async def _wrong_type(unit: ReadUnit) -> None:
    await unit.rows(KNOWN, {"id": PLANTED})


BREAKS: list[Break] = [
    _sleeping,
    _idling,
    _lasting,
    _misreading,
    _dividing,
    _missing,
    _wrong_type,
]


@pytest.mark.parametrize("broken", BREAKS)
async def test_whatever_the_database_says_is_unavailable_and_quotes_nothing(
    database: Database, broken: Break
) -> None:
    for opened in (database.write, database.read, database.lookup):
        with pytest.raises(UnavailableError) as caught:
            await broken_by(opened, broken)
        assert says_nothing(caught.value)
        assert await ask(opened) == 1


async def test_a_key_that_is_there_already_is_not_quoted(database: Database) -> None:
    sql = text("INSERT INTO ops.assertion_seen (jti, expires_at) VALUES (:jti, now()) RETURNING 1")
    await ask(database.write, sql, {"jti": PLANTED})
    with pytest.raises(UnavailableError) as caught:
        await ask(database.write, sql, {"jti": PLANTED})
    assert says_nothing(caught.value)
    assert str(caught.value) == "IntegrityError 23505"


MOMENTS = ["while idle in the pool", "before a statement", "before the commit"]


async def do_while_killed(database: Database, admin: Any, act: UUID, moment: str) -> None:
    """An act whose connection is killed at a moment; the pool has that one connection only."""
    pid = await ask(database.write, BACKEND)
    if moment == MOMENTS[0]:
        await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
    async with database.write() as unit:
        await do(unit, act)
        await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
        if moment == MOMENTS[1]:
            await unit.rows(ONE)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_killed_connection_is_unavailable_once_and_leaves_nothing_behind(
    database_url: str, ring: KeyRing, moment: str
) -> None:
    database = open_database(database_url, ring, ISSUER, pool=1)
    admin, act = await superuser(database_url), uuid4()
    with pytest.raises(UnavailableError) as caught:
        await do_while_killed(database, admin, act, moment)
    assert says_nothing(caught.value)
    assert await done(database, act) == (False, False, False)
    await admin.close()
    await database.dispose()


async def do_while_it_stands_still(database: Database) -> None:
    async with database.write() as unit:
        (backend,) = (await unit.rows(BACKEND))[0]
        os.kill(backend, signal.SIGSTOP)
        asyncio.get_running_loop().call_later(5, os.kill, backend, signal.SIGCONT)
        await unit.rows(ONE)


async def test_an_act_is_given_up_when_the_database_stands_still_and_does_not_say_so(
    database_url: str, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.storage.database.ACT_SECONDS", 1.0)
    database = open_database(database_url, ring, ISSUER, pool=1)
    begun = time.monotonic()
    with pytest.raises(UnavailableError):
        await do_while_it_stands_still(database)
    assert time.monotonic() - begun < 4
    assert await ask(database.read) == 1
    await database.dispose()


async def test_a_pool_without_a_free_connection_is_unavailable(database_url: str, ring: KeyRing) -> None:
    database = open_database(database_url, ring, ISSUER, pool=1)
    async with database.write() as unit:
        await unit.rows(ONE)
        with pytest.raises(UnavailableError):
            await ask(database.read)
    assert await ask(database.read) == 1
    await database.dispose()


async def test_a_server_that_stops_is_unavailable_and_is_found_again(
    own_server: EmbeddedPostgres, ring: KeyRing
) -> None:
    url = own_server.start().url()
    await migrate(url, passwords(ring))
    database = open_database(url, ring, ISSUER)
    await found_registry(database)
    transport = httpx2.ASGITransport(create_app(deployment(database, ring, ISSUER)))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        assert (await client.get("/readyz")).status_code == 200
        own_server.stop("immediate")
        for opened in (database.write, database.read, database.lookup) * 2:
            with pytest.raises(UnavailableError) as caught:
                await ask(opened)
            assert says_nothing(caught.value)
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"] == [{"name": "DATABASE", "ok": False}]
        assert own_server.start().url() == url
        await settled(client)
    await database.dispose()


async def settled(client: httpx2.AsyncClient) -> None:
    """Ready again after at most one refusal for each pool."""
    answers = [(await client.get("/readyz")).status_code for _ in range(3)]
    assert answers[-1] == 200


async def test_no_such_server_no_such_role_and_no_such_database_are_unavailable(
    database_url: str, ring: KeyRing
) -> None:
    elsewhere = database_url.replace("/clone_", "/no_clone_")
    nowhere = f"postgresql://127.0.0.1:{1}/sparr"
    strangers = KeyRing.generate()
    for url, keys in ((elsewhere, ring), (nowhere, ring), (database_url, strangers)):
        database = open_database(url, keys, ISSUER)
        began = datetime.now(UTC)
        for opened in (database.write, database.read, database.lookup):
            with pytest.raises(UnavailableError):
                await ask(opened)
        assert datetime.now(UTC) - began < timedelta(seconds=5)
        await database.dispose()
