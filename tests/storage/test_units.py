"""A unit is all or nothing, and whatever breaks it comes out as one error that says nothing of the data."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text

from app.crypto.keys import KeyRing
from app.domain.refusals import UnavailableError
from app.main import create_app, deployment, found_registry, open_database, passwords
from app.storage.database import SESSION, Database
from app.storage.embedded import EmbeddedPostgres
from app.storage.events import Event, record_events
from app.storage.migrating import migrate
from app.storage.sealed import Plain, seal, unseal
from app.storage.units import ReadUnit, WriteUnit
from app.storage.versions import current_versions, take_versions
from tests.direct import superuser
from tests.registry_driver import ISSUER

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLANTED = "+46701740699"
BACKEND = text("SELECT pg_backend_pid() AS pid")
KNOWN = text("SELECT id FROM registry.event WHERE id = :id")
ONE = text("SELECT 1")


class ChangedMindError(Exception):
    """What a use case may raise in the middle."""


async def do(unit: WriteUnit, act: UUID) -> None:
    """An act on the list of all controllers: event, version, sealed row."""
    await record_events(unit, [Event(act, NOW, "test", None)])
    await take_versions(unit, [0], act, NOW)
    await seal(unit, [Plain(act, act, "test", PLANTED)], NOW)


async def done(database: Database, act: UUID) -> tuple[bool, bool, bool]:
    """Whether event, version and sealed row are there."""
    at = text("SELECT 1 FROM registry.controller_version WHERE controller_no = 0 AND event_id = :id")
    async with database.read() as unit:
        await unit.declare([0])
        event, version = await unit.row(KNOWN, {"id": act}), await unit.row(at, {"id": act})
        return event is not None, version is not None, bool(await unseal(unit, [act]))


async def test_an_act_is_there_whole_when_its_unit_has_ended(scratch: Database) -> None:
    act = uuid4()
    async with scratch.write() as unit:
        await do(unit, act)
        assert await done(scratch, act) == (False, False, False)
    assert await done(scratch, act) == (True, True, True)


@pytest.mark.parametrize("error", [ChangedMindError, KeyError, asyncio.CancelledError])
async def test_an_exception_takes_everything_back_and_comes_out_as_it_is(
    scratch: Database, error: type[BaseException]
) -> None:
    act = uuid4()
    with pytest.raises(error):
        async with scratch.write() as unit:
            await do(unit, act)
            raise error
    assert await done(scratch, act) == (False, False, False)


async def test_an_act_whose_task_is_cancelled_is_done_whole_or_not_at_all(
    scratch_url: str, ring: KeyRing
) -> None:
    """At any moment, the commit too; and no connection is lost with it."""
    database = open_database(scratch_url, ring, ISSUER, pool=2)
    acts = [uuid4() for _ in range(60)]

    async def act(number: int) -> None:
        async with database.write() as unit:
            await do(unit, acts[number])

    for number in range(len(acts)):
        task = asyncio.create_task(act(number))
        await asyncio.sleep(number * 0.0003)
        task.cancel()
        await asyncio.wait([task])
    outcomes = [set(await done(database, one)) for one in acts]
    assert all(len(outcome) == 1 for outcome in outcomes)
    assert {False} in outcomes
    async with database.read() as unit:
        assert (await current_versions(unit, [0]))[0] == 1 + outcomes.count({True})
    await database.dispose()


async def test_a_cancellation_after_the_commit_takes_nothing_back(scratch: Database) -> None:
    act, committed = uuid4(), asyncio.Event()

    async def write_and_linger() -> None:
        async with scratch.write() as unit:
            await do(unit, act)
        committed.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(write_and_linger())
    await committed.wait()
    task.cancel()
    await asyncio.wait([task])
    assert await done(scratch, act) == (True, True, True)


async def test_the_settings_of_every_session_are_in_force(scratch: Database) -> None:
    async def shown(unit: ReadUnit, name: str) -> str:
        return str((await unit.rows(text(f"SELECT setting FROM pg_settings WHERE name ILIKE '{name}'")))[0][0])  # noqa: S608 - a name of ours

    for role, opened in (("sparr_api", scratch.write), ("sparr_api", scratch.read), ("sparr_lookup", scratch.lookup)):
        async with opened() as unit:
            assert {name: await shown(unit, name) for name in SESSION} == SESSION
            assert (await unit.rows(text("SELECT session_user, current_user")))[0] == (role, role)


async def test_only_a_write_unit_can_write_and_a_lookup_is_one_snapshot(scratch_url: str, ring: KeyRing) -> None:
    database = open_database(scratch_url, ring, ISSUER, pool=1)
    modes = text("SELECT current_setting('transaction_read_only'), current_setting('transaction_isolation')")
    seen = []
    for opened in (database.write, database.read, database.lookup, database.write, database.read):
        async with opened() as unit:
            seen.append(tuple((await unit.rows(modes))[0]))
    writing, reading, asking = ("off", "read committed"), ("on", "read committed"), ("on", "repeatable read")
    assert seen == [writing, reading, asking, writing, reading]
    for opened in (database.read, database.lookup):
        with pytest.raises(UnavailableError):
            async with opened() as unit:
                await unit.declare([0])
                await unit.rows(text("INSERT INTO registry.event (id, at, kind, outcome) VALUES (gen_random_uuid(), now(), 'x', 'x')"))
    await database.dispose()


def says_nothing(error: BaseException) -> bool:
    """Nobody who prints the error, its causes or its traceback learns a value."""
    told = "".join(traceback.format_exception(error)) + repr(error)
    return PLANTED not in told and "[SQL" not in told


async def _sleeping(unit: ReadUnit) -> None:
    await unit.rows(text("SET LOCAL statement_timeout = 50"))
    await unit.rows(text("SELECT pg_sleep(5), CAST(:planted AS text)"), {"planted": PLANTED})


async def _idling(unit: ReadUnit) -> None:
    await unit.rows(text("SET LOCAL idle_in_transaction_session_timeout = 50"))
    await asyncio.sleep(0.3)
    await unit.rows(ONE)


async def _lasting(unit: ReadUnit) -> None:
    await unit.rows(text("SET LOCAL transaction_timeout = 50"))
    await asyncio.sleep(0.3)
    await unit.rows(ONE)


async def _misreading(unit: ReadUnit) -> None:
    await unit.rows(text("SELECT CAST(CAST(:planted AS text) AS uuid)"), {"planted": PLANTED})


async def _dividing(unit: ReadUnit) -> None:
    await unit.rows(text("SELECT 1 / (length(CAST(:planted AS text)) - 12)"), {"planted": PLANTED})


async def _missing(unit: ReadUnit) -> None:
    await unit.rows(text("SELECT * FROM registry.no_such_table WHERE a = CAST(:planted AS text)"), {"planted": PLANTED})


async def _wrong_type(unit: ReadUnit) -> None:
    await unit.rows(KNOWN, {"id": PLANTED})


BREAKS: list[Callable[[ReadUnit], Awaitable[None]]] = [
    _sleeping, _idling, _lasting, _misreading, _dividing, _missing, _wrong_type,
]


@pytest.mark.parametrize("broken", BREAKS)
async def test_whatever_the_database_says_is_unavailable_and_quotes_nothing(
    scratch: Database, broken: Callable[[ReadUnit], Awaitable[None]]
) -> None:
    for opened in (scratch.write, scratch.read, scratch.lookup):
        with pytest.raises(UnavailableError) as caught:
            async with opened() as unit:
                await broken(unit)
        assert says_nothing(caught.value)
        async with opened() as unit:
            assert (await unit.rows(ONE))[0][0] == 1


async def test_a_key_that_is_there_already_is_not_quoted(scratch: Database) -> None:
    sql = text("INSERT INTO ops.assertion_seen (jti, expires_at) VALUES (:jti, now())")
    async with scratch.write() as unit:
        await unit.run(sql, {"jti": PLANTED})
    with pytest.raises(UnavailableError) as caught:
        async with scratch.write() as unit:
            await unit.run(sql, {"jti": PLANTED})
    assert says_nothing(caught.value)
    assert str(caught.value) == "IntegrityError 23505"


@pytest.mark.parametrize("moment", ["before a statement", "before the commit", "while idle in the pool"])
async def test_a_killed_connection_is_unavailable_once_and_leaves_nothing_behind(
    scratch_url: str, ring: KeyRing, moment: str
) -> None:
    database, admin, act = open_database(scratch_url, ring, ISSUER, pool=1), await superuser(scratch_url), uuid4()
    async with database.write() as unit:
        pid = (await unit.rows(BACKEND))[0].pid
    if moment == "while idle in the pool":
        await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
    with pytest.raises(UnavailableError) as caught:
        async with database.write() as unit:
            await do(unit, act)
            await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
            if moment == "before a statement":
                await unit.rows(ONE)
    assert says_nothing(caught.value)
    assert await done(database, act) == (False, False, False)
    await admin.close()
    await database.dispose()


async def test_a_pool_without_a_free_connection_is_unavailable(scratch_url: str, ring: KeyRing) -> None:
    database = open_database(scratch_url, ring, ISSUER, pool=1)
    async with database.write() as unit:
        await unit.rows(ONE)
        with pytest.raises(UnavailableError):
            async with database.read():
                pass
    async with database.read() as reading:
        await reading.rows(ONE)
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
                async with opened() as unit:
                    await unit.rows(ONE)
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
    scratch_url: str, ring: KeyRing
) -> None:
    elsewhere = scratch_url.replace("clone_", "no_clone_")
    nowhere = f"postgresql://127.0.0.1:{1}/sparr"
    strangers = KeyRing.generate()
    for url, keys in ((elsewhere, ring), (nowhere, ring), (scratch_url, strangers)):
        database = open_database(url, keys, ISSUER)
        began = datetime.now(UTC)
        for opened in (database.write, database.read, database.lookup):
            with pytest.raises(UnavailableError):
                async with opened() as unit:
                    await unit.rows(ONE)
        assert datetime.now(UTC) - began < timedelta(seconds=5)
        await database.dispose()
