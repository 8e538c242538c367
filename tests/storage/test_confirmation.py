"""A commit counts when the server says so without reserve; who finds what was done waits for it too."""

import asyncio
import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.crypto.keys import KeyRing
from app.domain.refusals import StatementError, UnavailableError
from app.main import open_database, passwords
from app.storage import database as limits
from app.storage.answers import Kept, Part, StoredAnswer, find_answer, keep_answers
from app.storage.database import Database
from app.storage.embedded import EmbeddedPostgres
from tests.direct import superuser
from tests.registry_driver import ISSUER
from tests.storage.acting import NOW, ONE, ask, do, done

WARN = text("DO $$ BEGIN RAISE WARNING 'the standby may not have it'; END $$")
TO_COMMIT = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")


async def test_a_commit_under_a_warning_is_not_acknowledged(database_url: str, ring: KeyRing) -> None:
    database, act = open_database(database_url, ring, ISSUER, pool=1), uuid4()
    with pytest.raises(UnavailableError) as caught:
        await _warned(database, act)
    assert not isinstance(caught.value, StatementError)
    assert await done(database, act) == (True, True, True)
    assert await ask(database.write) == 1
    await database.dispose()


async def test_a_commit_that_is_cancelled_while_it_waits_for_a_standby_is_not_acknowledged(
    own_server: EmbeddedPostgres, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that no standby ever confirms is given up."""
    url = own_server.start().url()
    admin = await superuser(url)
    database = await _waiting_for_nobody(url, ring, admin)
    begun = time.monotonic()
    writing = asyncio.create_task(_emit(database))
    while not (pid := await admin.fetchval(WAITING)):
        assert time.monotonic() - begun < 10
        await asyncio.sleep(0.02)
    await admin.fetchval("SELECT pg_cancel_backend($1)", pid)
    with pytest.raises(UnavailableError):
        await writing
    monkeypatch.setattr(limits, "COMMIT_SECONDS", 0.3)
    with pytest.raises(UnavailableError):
        await _emit(database)
    await admin.close()
    await database.dispose()


async def _warned(database: Database, act: UUID) -> None:
    async with database.write() as unit:
        await do(unit, act)
        await unit.run(WARN)


WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


async def _waiting_for_nobody(url: str, ring: KeyRing, admin: Any) -> Database:
    """A server whose commits wait for a standby that does not exist."""
    for role, password in passwords(ring).items():
        await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    await admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    await admin.execute("SELECT pg_reload_conf()")
    return open_database(url, ring, ISSUER, pool=1)


async def _emit(database: Database) -> None:
    async with database.write() as unit:
        await unit.row(text("SELECT pg_logical_emit_message(true, 'sparr', 'an act')"))


async def test_a_found_answer_gives_its_transaction_something_to_commit(database: Database) -> None:
    """After a crash it may be found before the standby has confirmed it."""
    party, event, digest = uuid4(), uuid4(), b"digest of a request"
    async with database.write() as unit:
        await do(unit, event)
        answer = StoredAnswer(200, (Part(None, b"{}"),))
        await keep_answers(unit, [Kept(party, "key", digest, event, answer)], NOW)
    async with database.write() as unit:
        assert (await unit.rows(TO_COMMIT))[0][0] is False
        found = await find_answer(unit, party, "key", digest)
        assert isinstance(found, StoredAnswer)
        assert (await unit.rows(TO_COMMIT))[0][0] is True


async def test_a_note_is_not_waited_for_longer_than_its_time(
    database_url: str, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NOTE_SECONDS", 0.2)
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 0.2)
    database = open_database(database_url, ring, ISSUER, pool=1)
    slow = text("SELECT pg_sleep(5)")
    for opened in (
        lambda: database.write(hurried=True),
        lambda: database.note([0]),
        lambda: database.lookup(0.1),
    ):
        begun = time.monotonic()
        with pytest.raises(UnavailableError):
            await ask(opened, slow)
        assert time.monotonic() - begun < 3
        assert await ask(database.lookup, ONE) == 1
    await database.dispose()
