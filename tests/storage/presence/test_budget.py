"""What a worker holds stays within its budget, and what does not fit is left to the database."""

import time
from collections.abc import AsyncIterator

import pytest

from app.crypto.keys import KeyRing
from app.storage.presence import index
from app.storage.presence.index import PresenceIndex
from tests.conftest import Clone
from tests.registry_driver import Party, email
from tests.storage.presence.indexed import Indexed, indexed

MANY = (
    "INSERT INTO registry.entry_key SELECT gen_random_uuid(), gen_random_uuid(), 1, {number} "
    "FROM generate_series(1, {count})"
)
"""Fingerprints of nobody, as after an import."""


@pytest.fixture(scope="module")
async def own(clone: Clone, ring: KeyRing) -> AsyncIterator[Indexed]:
    async with indexed(await clone(), ring) as made:
        yield made


async def list_of(own: Indexed, count: int) -> tuple[Party, int]:
    desk = await own.plain.controller("customer_service")
    number = await own.number(desk)
    await own.behind.execute(MANY.format(number=number, count=count))
    return desk, number


def held_by(own: Indexed, most_bytes: int) -> PresenceIndex:
    return PresenceIndex(own.database._connected, own.database.instruments, most_bytes)


async def asked(held: PresenceIndex, number: int) -> bool:
    """Whether a list can be answered for, once it was asked for."""
    await held.standing(number, None)
    await held.settle()
    return await held.standing(number, None) is not None


async def test_a_fingerprint_in_memory_takes_less_than_27_bytes(own: Indexed) -> None:
    for count in (65_537, 120_000):
        _, number = await list_of(own, count)
        held = held_by(own, 64 << 20)
        assert await asked(held, number)
        everybody = 2 * 4_096
        print(f"{count} fingerprints: {(held.nbytes - everybody) / count:.1f} bytes each")
        assert (held.nbytes - everybody) / count < 17
        await held.close()


async def test_a_list_that_does_not_fit_is_answered_by_the_database(own: Indexed, ring: KeyRing) -> None:
    desk, _ = await list_of(own, 70_000)
    async with indexed(own.url, ring, index_memory=1) as small:
        for _ in range(2):
            by, found = await small.said_by(desk, email(), channel="email")
            assert (by, found["results"][0]["code"]) == ("database", "NO_OBJECTION_FOUND")
            await small.index.settle()
        assert small.index.lists == 1, "all controllers"
        (again,) = small.index._not_before.values()
        assert again > time.monotonic() + 500, "it is not tried again at once"
        assert small.index.nbytes <= 1 << 20
        person = email()
        await own.plain.enter(desk, person)
        assert await small.registry.code(desk, person, channel="email") == ("block", "DNC_INTERNAL")


async def test_without_a_budget_nothing_is_held(own: Indexed) -> None:
    _, number = await list_of(own, 0)
    held = held_by(own, 0)
    assert not await asked(held, number)
    assert held.lists == 0


async def test_what_nobody_asks_for_makes_room(own: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [(await list_of(own, 3_000))[1] for _ in range(3)]
    held = held_by(own, 80_000)
    assert await asked(held, numbers[0])
    assert not await asked(held, numbers[1]), "the first was asked just now"
    held._not_before.clear()
    monkeypatch.setattr(index, "IDLE_SECONDS", -1.0)
    assert await asked(held, numbers[1])
    assert await held.standing(numbers[0], None) is None, "it made room"
    await held.settle()
    assert held.nbytes <= 80_000
    await held.close()


async def test_a_list_that_outgrows_the_budget_is_let_go(own: Indexed) -> None:
    desk, number = await list_of(own, 2_000)
    held = held_by(own, 70_000)
    assert await asked(held, number)
    await own.plain.enter(desk, email())
    sql = "UPDATE registry.entry_key SET version = 2 WHERE controller_no = $1"
    await own.behind.execute(MANY.format(number=number, count=4_000))
    await own.behind.execute(sql, number)
    assert await held.standing(number, None) is None
    assert held.nbytes <= 70_000
    await held.close()
