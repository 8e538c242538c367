"""A unit is all or nothing, and only the unit that is for writing writes."""

import asyncio
from time import perf_counter
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.crypto.keys import KeyRing
from app.domain.refusals import UnavailableError
from app.main import open_database
from app.storage.database import SESSION, Database, application
from app.storage.versions import current_versions
from tests.registry_driver import ISSUER
from tests.storage.acting import ask, do, do_and_raise, done

INSERT = text("""
INSERT INTO registry.event (id, at, kind, outcome) VALUES (gen_random_uuid(), now(), 'x', 'x') RETURNING 1
""")


class ChangedMindError(Exception):
    """What a use case may raise in the middle."""


async def test_an_act_is_there_whole_when_its_unit_has_ended(database: Database) -> None:
    act = uuid4()
    async with database.write() as unit:
        await do(unit, act)
        assert await done(database, act) == (False, False, False)
    assert await done(database, act) == (True, True, True)


@pytest.mark.parametrize("error", [ChangedMindError, KeyError, asyncio.CancelledError])
async def test_an_exception_takes_everything_back_and_comes_out_as_it_is(
    database: Database, error: type[BaseException]
) -> None:
    act = uuid4()
    with pytest.raises(error):
        await do_and_raise(database, act, error)
    assert await done(database, act) == (False, False, False)


async def test_an_act_whose_task_is_cancelled_is_done_whole_or_not_at_all(
    database_url: str, ring: KeyRing
) -> None:
    """At any moment, the commit too; and no connection is lost with it."""
    database = open_database(database_url, ring, ISSUER, pool=2)
    acts = [uuid4() for _ in range(60)]

    async def act(number: int) -> None:
        async with database.write() as unit:
            await do(unit, acts[number])

    began = perf_counter()
    await act(0)
    with_connecting, before = perf_counter() - began, await newest(database)
    for number in range(1, len(acts)):
        task = asyncio.create_task(act(number))
        await asyncio.wait([task], timeout=with_connecting * 2 * number / len(acts))
        task.cancel()
        await asyncio.wait([task])
    outcomes = [set(await done(database, one)) for one in acts[1:]]
    assert {frozenset(outcome) for outcome in outcomes} == {frozenset({True}), frozenset({False})}
    assert await newest(database) == before + outcomes.count({True})
    await database.dispose()


async def newest(database: Database) -> int:
    """The version of the list of all controllers."""
    async with database.read() as unit:
        return (await current_versions(unit, [0]))[0]


async def test_a_cancellation_after_the_commit_takes_nothing_back(database: Database) -> None:
    act, committed = uuid4(), asyncio.Event()

    async def write_and_linger() -> None:
        async with database.write() as unit:
            await do(unit, act)
        committed.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(write_and_linger())
    await committed.wait()
    task.cancel()
    await asyncio.wait([task])
    assert await done(database, act) == (True, True, True)


async def test_the_settings_of_every_session_are_in_force(database: Database) -> None:
    known = text("SELECT lower(name) AS name, setting FROM pg_settings WHERE lower(name) = ANY(:names)")
    for role, opened in (
        ("sparr_api", database.write),
        ("sparr_api", database.read),
        ("sparr_lookup", database.lookup),
    ):
        async with opened() as unit:
            rows = await unit.rows(known, {"names": list(SESSION)})
            session = {**SESSION, "application_name": application(database.instruments)}
            assert {row.name: row.setting for row in rows} == session
            users = await unit.rows(text("SELECT session_user, current_user"))
            assert [tuple(row) for row in users] == [(role, role)]


async def test_only_a_write_unit_can_write_and_a_lookup_is_one_snapshot(
    database_url: str, ring: KeyRing
) -> None:
    database = open_database(database_url, ring, ISSUER, pool=1)
    modes = text("SELECT current_setting('transaction_read_only'), current_setting('transaction_isolation')")
    seen = []
    for opened in (database.write, database.read, database.lookup, database.write, database.read):
        async with opened() as unit:
            seen.append(tuple((await unit.rows(modes))[0]))
    writing, reading, asking = ("off", "read committed"), ("on", "read committed"), ("on", "repeatable read")
    assert seen == [writing, reading, asking, writing, reading]
    for opened in (database.read, database.lookup):
        with pytest.raises(UnavailableError):
            await ask(opened, INSERT)
    await database.dispose()
