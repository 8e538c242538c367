"""A list's versions have no gap, commit in their order, and say what an answer reflects."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.storage.database import Database
from app.storage.versions import AsOf, current_versions, lock_lists, take_versions
from tests.direct import superuser
from tests.storage.busy import Busy
from tests.storage.logins import select

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WRITERS, ROUNDS = 8, 25
UNCOVERED = """
WHERE NOT EXISTS (SELECT FROM registry.controller_version v
                  WHERE v.controller_no = t.controller_no AND v.version = t.version)
"""


class AbandonedError(Exception):
    """A writer that changes its mind."""


async def lists_of(url: str, count: int) -> list[int]:
    """Numbers of new lists."""
    connection = await superuser(url)
    numbers = []
    for _ in range(count):
        party = uuid4()
        await connection.execute(
            "INSERT INTO registry.party VALUES ($1, 'controller', 'x', 'x', 'SE', now(), $1)", party
        )
        sql = (
            "INSERT INTO registry.holder SELECT max(controller_no) + 1, $1::uuid, NULL, false, 0"
            " FROM registry.holder RETURNING controller_no"
        )
        numbers.append(await connection.fetchval(sql, party))
    await connection.close()
    return numbers


async def taken(url: str, number: int) -> list[tuple[int, UUID]]:
    """All versions of a list with their events, in order."""
    connection = await superuser(url)
    rows = await connection.fetch(
        "SELECT version, event_id FROM registry.controller_version WHERE controller_no = $1 ORDER BY 1",
        number,
    )
    await connection.close()
    return [(row["version"], row["event_id"]) for row in rows]


async def test_eight_writers_of_one_list_leave_no_gap_and_commit_in_order(
    database: Database, database_url: str
) -> None:
    number = (await lists_of(database_url, 1))[0]
    acknowledged: list[int] = []

    async def write(seed: int) -> None:
        chance = Random(seed)  # noqa: S311 - which writer gives up is no secret
        for _ in range(ROUNDS):
            with contextlib.suppress(AbandonedError):
                acknowledged.append(await take_one(database, number, chance))

    watched = asyncio.create_task(watch(database, number))
    await asyncio.gather(*(write(seed) for seed in range(WRITERS)))
    assert not watched.done(), watched.exception()
    watched.cancel()
    assert sorted(acknowledged) == list(range(1, len(acknowledged) + 1))
    assert [version for version, _ in await taken(database_url, number)] == sorted(acknowledged)
    assert len(acknowledged) > WRITERS * ROUNDS / 2


async def take_one(database: Database, number: int, chance: Random) -> int:
    """Take the next version, slowly; one writer in five changes its mind before the commit."""
    async with database.write() as unit:
        version = (await take_versions(unit, [number], uuid4(), NOW))[number]
        await asyncio.sleep(chance.random() / 1000)
        if chance.random() < 0.2:
            raise AbandonedError
    return version


async def abandon(database: Database, number: int) -> None:
    async with database.write() as unit:
        await take_versions(unit, [number], uuid4(), NOW)
        raise AbandonedError


async def watch(database: Database, number: int) -> None:
    """While others write: what is seen never goes back, and below the newest nothing is missing."""
    newest = 0
    sql = text("SELECT version FROM registry.controller_version WHERE controller_no = :number ORDER BY 1")
    while True:
        async with database.lookup() as unit:
            await unit.declare([number])
            seen = [row.version for row in await unit.rows(sql, {"number": number})]
        assert seen == list(range(1, len(seen) + 1))
        assert len(seen) >= newest
        newest = len(seen)


async def test_writers_that_name_the_same_lists_in_opposite_orders_never_wait_for_each_other(
    database: Database, database_url: str
) -> None:
    numbers = [0, *await lists_of(database_url, 12)]
    before = len(await taken(database_url, 0))

    async def write(order: Sequence[int]) -> None:
        for _ in range(10):
            async with database.write() as unit:
                await take_versions(unit, order, uuid4(), NOW)

    orders = [Random(seed).sample(numbers, len(numbers)) for seed in range(4)]  # noqa: S311 - an order is no secret
    writers = (write(order) for order in (numbers, numbers[::-1], *orders))
    await asyncio.wait_for(asyncio.gather(*writers), 30)
    for number in numbers:
        found = [version for version, _ in await taken(database_url, number)]
        assert found == list(range(1, 61 + (before if number == 0 else 0)))


async def test_one_act_on_many_lists_takes_one_version_of_each(database: Database, database_url: str) -> None:
    numbers = await lists_of(database_url, 300)
    event = uuid4()
    async with database.write() as unit:
        await lock_lists(unit, numbers[100:])
        made = await take_versions(unit, [*numbers, *numbers], event, NOW)
    assert made == dict.fromkeys(numbers, 1)
    async with database.read() as reading:
        assert await current_versions(reading, numbers) == made
    assert await taken(database_url, numbers[-1]) == [(1, event)]


async def test_a_number_given_back_is_taken_by_the_next(database: Database, database_url: str) -> None:
    number = (await lists_of(database_url, 1))[0]
    with pytest.raises(AbandonedError):
        await abandon(database, number)
    async with database.write() as unit:
        assert await take_versions(unit, [number], uuid4(), NOW) == {number: 1}


async def test_every_version_of_a_busy_day_belongs_to_an_event_and_covers_its_rows(busy: Busy) -> None:
    connection = await superuser(busy.url)
    orphans = """
        SELECT count(*) FROM registry.controller_version v
        WHERE NOT EXISTS (SELECT FROM registry.event e WHERE e.id = v.event_id)"""
    assert await connection.fetchval(orphans) == 0
    for table in ("entry", "entry_key", "entry_release", "entry_state", "controller_policy"):
        assert await connection.fetchval(select("count(*)", f"registry.{table} t", UNCOVERED)) == 0, table
    numbers = [row[0] for row in await connection.fetch("SELECT controller_no FROM registry.holder")]
    await connection.close()
    for number in numbers:
        steps = [version for version, _ in await taken(busy.url, number)]
        assert steps[0] == 1
        assert all(after == before + 1 for before, after in pairwise(steps))


@pytest.mark.parametrize(
    ("token", "position"),
    [
        ("0.0", AsOf(0, 0)),
        ("1234.56", AsOf(1234, 56)),
        ("007.1", AsOf(7, 1)),
        (f"{2**62}.{2**62}", AsOf(2**62, 2**62)),
        ("", None),
        (".", None),
        ("1", None),
        ("1.", None),
        (".1", None),
        ("1.2.3", None),
        ("-1.2", None),
        ("+1.2", None),
        ("1_0.2", None),
        (" 1.2", None),
        ("1.2\n", None),
        ("1e3.2", None),
        ("\u0661.\u0662", None),
        ("\u00b21.2", None),
        ("0x1.2", None),
        (f"{'9' * 39}.1", None),
    ],
)
def test_a_position_is_read_as_it_was_written_and_nothing_else_is(token: str, position: AsOf | None) -> None:
    assert AsOf.parse(token) == position
    if position is not None:
        assert AsOf.parse(str(position)) == position


@pytest.mark.parametrize(
    ("reached", "demanded", "enough"),
    [
        (AsOf(5, 5), AsOf(5, 5), True),
        (AsOf(6, 5), AsOf(5, 5), True),
        (AsOf(5, 6), AsOf(5, 5), True),
        (AsOf(4, 9), AsOf(5, 5), False),
        (AsOf(9, 4), AsOf(5, 5), False),
        (AsOf(0, 0), AsOf(0, 0), True),
        (AsOf(9, 0), AsOf.after_write(7, 9), True),
        (AsOf(8, 99), AsOf.after_write(7, 9), False),
        (AsOf(0, 9), AsOf.after_write(0, 9), True),
        (AsOf(99, 8), AsOf.after_write(0, 9), False),
    ],
)
def test_a_position_is_reached_only_in_both_lists(reached: AsOf, demanded: AsOf, *, enough: bool) -> None:
    assert reached.reaches(demanded) is enough
