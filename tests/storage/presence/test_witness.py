"""A question to the database is shared by all who wait for it, and by nobody who came after it began."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.domain.refusals import UnavailableError
from app.storage.database import Database
from app.storage.presence.connecting import Connection
from app.storage.presence.witness import Rows, Witness
from app.storage.versions import take_versions
from tests.direct import superuser


class Held:
    """What is done with an answer before anybody gets it: here it can be held up."""

    def __init__(self) -> None:
        self.questions = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.waiting = asyncio.Event()

    async def __call__(self, _connection: Connection, _rows: Rows) -> None:
        self.questions += 1
        self.waiting.set()
        await self.go_on.wait()


@pytest.fixture
async def held() -> Held:
    return Held()


@pytest.fixture
async def witness(database: Database, held: Held) -> AsyncIterator[Witness]:
    made = Witness(database._connected, database.instruments, held)
    yield made
    await made.close()


async def written(database: Database) -> int:
    """The version that a new act on the list of all controllers took."""
    async with database.write() as unit:
        return (await take_versions(unit, [0], uuid4(), datetime.now(UTC)))[0]


async def test_who_comes_while_a_question_is_on_its_way_waits_for_the_next(
    database: Database, witness: Witness, held: Held
) -> None:
    before = await written(database)
    held.go_on.clear()
    first = asyncio.create_task(witness.standing([0]))
    await held.waiting.wait()
    after = await written(database)
    second = asyncio.create_task(witness.standing([0]))
    await asyncio.sleep(0.05)
    held.go_on.set()
    assert (await first)[0].version == before
    assert (await second)[0].version == after


async def test_all_who_wait_share_one_question(witness: Witness, held: Held) -> None:
    await witness.standing([0])
    held.questions = 0
    answers = await asyncio.gather(*(witness.standing([0]) for _ in range(200)))
    assert held.questions <= 2
    assert {one[0].version for one in answers} == {answers[0][0].version}


async def test_nobody_is_forgotten_however_they_come(witness: Witness) -> None:
    async def ask(turn: int) -> Any:
        await asyncio.sleep(turn % 7 * 0.0007)
        return (await asyncio.wait_for(witness.standing([0]), 10))[0].version

    assert len(await asyncio.gather(*(ask(turn) for turn in range(500)))) == 500


async def test_a_lost_connection_fails_who_waits_and_is_replaced(witness: Witness, database_url: str) -> None:
    await witness.standing([0])
    admin = await superuser(database_url)
    pid = await witness._connection.fetchval("SELECT pg_backend_pid()") if witness._connection else 0
    assert await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
    await admin.close()
    for _ in range(2):
        try:
            assert (await witness.standing([0]))[0].version
        except UnavailableError:
            continue
    assert (await witness.standing([0]))[0].version


async def test_a_question_that_takes_too_long_is_given_up(witness: Witness, held: Held) -> None:
    held.go_on.clear()
    with pytest.raises(UnavailableError):
        await witness.standing([0])
    held.go_on.set()
    assert (await witness.standing([0]))[0].version


async def test_who_waits_when_it_ends_is_told(witness: Witness, held: Held) -> None:
    held.go_on.clear()
    asked = [asyncio.create_task(witness.standing([0])) for _ in range(3)]
    await held.waiting.wait()
    asked.append(asyncio.create_task(witness.standing([0])))
    await asyncio.sleep(0)
    await witness.close()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in answers] == [UnavailableError] * 4
    last = asyncio.create_task(witness.standing([0]))
    await asyncio.sleep(0)
    await witness.close()
    with pytest.raises(UnavailableError):
        await last
