"""A list in memory that grows says of everybody what a Python set says, whatever is being rebuilt."""

import asyncio
import random
from secrets import token_bytes
from uuid import UUID, uuid4

import numpy as np
import pytest

from app.storage.presence import held as layout
from app.storage.presence.held import HeldList
from app.storage.presence.prefixes import Prefixes, merged, prefixes_of

CANARY = 2**63 + 5


def some(count: int) -> Prefixes:
    return prefixes_of(token_bytes(16 * count))


def grown(known: Prefixes) -> HeldList:
    canary = np.array([CANARY], np.uint64)
    return HeldList(merged(known, canary), (1, uuid4()), CANARY)


async def test_a_list_that_grows_forgets_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_HOT", 40)
    monkeypatch.setattr(layout, "_MID", 300)
    draw = random.Random(7)  # noqa: S311 -- the same growth each time
    first = some(1_000)
    one, everybody, version = grown(first), set(first.tolist()), 1
    for _ in range(400):
        fresh = some(draw.choice([0, 1, 3, 25, 200]))
        everybody |= set(fresh.tolist())
        version += 1
        one.advance({version: uuid4()}, fresh)
        if draw.random() < 0.3:
            await asyncio.sleep(0.001)
        asked = np.concatenate([fresh, some(30), np.array(draw.sample(sorted(everybody), 50), np.uint64)])
        found = one.holds(asked)
        assert found is not None
        assert found.tolist() == [each in everybody for each in asked.tolist()]
    assert one.version == version
    if one._building is not None:
        await one._building
    assert one._sets[0].size > 5_000, "what came in has become part of the base"
    found = one.holds(np.array(sorted(everybody), np.uint64))
    assert found is not None
    assert found.all()


def test_a_list_without_its_canary_says_nothing() -> None:
    assert HeldList(merged(some(100)), (1, uuid4()), CANARY).holds(some(10)) is None


def test_a_position_is_a_version_and_its_event() -> None:
    one = grown(some(10))
    at = {2: uuid4(), 3: uuid4()}
    one.advance(at, some(1))
    assert one.position == (3, at[3])
    assert one.passed((2, at[2]))
    assert not one.passed((2, at[3]))
    assert not one.passed((4, UUID(int=0)))


def test_only_so_many_positions_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_REMEMBERED", 3)
    one = grown(some(10))
    events = {version: uuid4() for version in range(2, 8)}
    one.advance(events, some(1))
    assert [one.passed((version, events[version])) for version in events] == [False] * 3 + [True] * 3
