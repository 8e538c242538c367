"""A presence index whose database is written to, breaks off, hides rows and is restored while it is asked.

Whatever was committed when a question began, and still is there when it ends, must not be said to have no
fact.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from app.crypto.instruments import Instruments
from app.domain.entry import EntryKind
from app.domain.refusals import UnavailableError
from app.storage.entries import CANARY
from app.storage.lookups import list_canary, lists_of
from app.storage.presence import asking, held, loading
from app.storage.presence.index import PresenceIndex, Sieve
from tests.proofs.simulated.acts_world import tools
from tests.proofs.simulated.database import Said
from tests.proofs.simulated.loop import SeededLoop

NUMBERS = (0, 7)
REGISTER = 5
ENTRY, FACT = 0, 1


@dataclass(frozen=True)
class Version:
    """What one act put into a list."""

    number: int
    event: UUID
    keys: tuple[tuple[int, UUID], ...]


Lists = Mapping[int, tuple[Version, ...]]


@dataclass
class Register:
    """What is committed; lists are replaced and never changed, so that whoever reads has a snapshot."""

    loop: SeededLoop
    instruments: Instruments
    broken: float
    lists: Lists = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    lines: tuple[UUID, ...] = ()

    def __post_init__(self) -> None:
        for number in NUMBERS:
            self.commit(number, ((ENTRY, list_canary(self.instruments, number)), *self.people(40)))
        self.lines = tuple(self.uuid() for _ in range(30))

    def uuid(self) -> UUID:
        return UUID(bytes=self.loop.chance.randbytes(16))

    def people(self, most: int) -> tuple[tuple[int, UUID], ...]:
        chance = self.loop.chance
        return tuple((chance.choice([ENTRY, FACT]), self.uuid()) for _ in range(chance.randint(1, most)))

    def commit(self, number: int, keys: tuple[tuple[int, UUID], ...]) -> None:
        done = self.lists.get(number, ())
        self.lists = {**self.lists, number: (*done, Version(len(done) + 1, self.uuid(), keys))}

    def restore(self) -> None:
        """Back to an earlier backup, on another way from there; also the register came in anew."""
        for number in NUMBERS:
            done = self.lists[number]
            self.lists = {**self.lists, number: done[: max(1, len(done) - self.loop.chance.randint(1, 3))]}
            for _ in range(self.loop.chance.randint(0, 3)):
                self.commit(number, self.people(3))
        self.lines = tuple(self.uuid() for _ in range(30))


def people_of(lists: Lists) -> set[bytes]:
    return {key.bytes for versions in lists.values() for one in versions for _, key in one.keys}


class Connection:
    """A session of the lookup role. BEGIN holds the snapshot of the first statement after it."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._snapshot: tuple[Lists, frozenset[int], tuple[UUID, ...]] | None = None
        self._holding = self._closed = False

    def is_closed(self) -> bool:
        return self._closed

    def terminate(self) -> None:
        self._closed = True

    async def _seen(self) -> tuple[Lists, frozenset[int], tuple[UUID, ...]]:
        """What a statement sees: taken at its beginning, given after a while, or never."""
        register, chance = self._register, self._register.loop.chance
        await register.loop.pause()
        seen = self._snapshot or (register.lists, register.hidden, register.lines)
        if self._holding:
            self._snapshot = seen
        await register.loop.pause(3.0 if chance.random() < register.broken / 4 else 0.01)
        if self._closed or chance.random() < register.broken:
            raise OSError("the connection is gone")
        return seen

    async def execute(self, sql: str) -> None:
        if sql == loading._BEGIN:
            self._holding, self._snapshot = True, None
        elif sql == "COMMIT":
            self._holding, self._snapshot = False, None
        await self._register.loop.pause(0.002)

    async def fetch(self, sql: str, asked: Sequence[int], canaries: Sequence[UUID]) -> list[Any]:
        assert sql is asking._LISTS
        lists, hidden, _ = await self._seen()
        return [
            standing_of(lists, hidden, number, canary) for number, canary in zip(asked, canaries, strict=True)
        ]

    async def fetchrow(self, sql: str, number: int, version: int, canary: UUID) -> dict[str, Any]:
        assert sql is asking._SINCE
        lists, hidden, _ = await self._seen()
        since = [one for one in lists[number] if one.number >= version]
        fresh = [key for one in since if one.number > version for key in one.keys if number not in hidden]
        return {
            "versions": [one.number for one in since],
            "events": [one.event for one in since],
            "traits": [CANARY, "consents"],
            "entry_keys": b"".join(key.bytes for kind, key in fresh if kind == ENTRY) or None,
            "fact_keys": b"".join(key.bytes for kind, key in fresh if kind == FACT) or None,
            "entry": None if number in hidden else canary,
            "consent": canary,
            "relationship": None,
        }

    async def copy_from_query(self, sql: str, number: int, *, output: Any, format: str) -> str:  # noqa: A002 - the driver's word
        assert format == "binary"
        lists, hidden, lines = await self._seen()
        keys = list(lines)
        if sql is loading._KEYS:
            keys = [] if number in hidden else [key for one in lists[number] for _, key in one.keys]
        rows = b"".join(b"\0\1\0\0\0\x10" + key.bytes for key in keys)
        await output(bytes(19) + rows + b"\xff\xff")
        return f"COPY {len(keys)}"


def standing_of(lists: Lists, hidden: frozenset[int], number: int, canary: UUID) -> dict[str, Any]:
    newest = lists[number][-1]
    return {
        "controller_no": number,
        "public_body": False,
        "sector": None,
        "country": "SE",
        "version": newest.number,
        "head": newest.event,
        "traits": [CANARY, "consents"],
        "policy": {},
        "entry_kind": None if number in hidden else EntryKind.CANARY.value,
        "released": None,
        "state": None,
        "consent": canary,
        "relationship": None,
        "ended": None,
    }


@dataclass
class Asked:
    """What was said, and what was wrong with it."""

    wrong: list[str] = field(default_factory=list)

    def hear(self, sieve: Sieve, must: set[bytes], how: str) -> None:
        digests = sorted(must)
        places = sieve.places(b"".join(digests))
        if places is None:
            return
        if missed := len(digests) - len(places):
            self.wrong.append(f"{how}: {missed} of {len(digests)} were said to have no fact")


async def presence_world(loop: SeededLoop) -> list[str]:
    register = Register(loop, tools()[1], broken=loop.chance.choice([0.0, 0.02, 0.1]))

    async def connect(_settings: Mapping[str, str]) -> Connection:
        await loop.pause()
        return Connection(register)

    room = loop.chance.choice([1 << 20, 1 << 20, 1 << 20, 14_000])
    with patch.object(held, "_HOT", 8), patch.object(held, "_MID", 24):
        index = PresenceIndex(connect, register.instruments, room)
        asked, ending = Asked(), asyncio.Event()
        around = [loop.create_task(_write(register, ending)), loop.create_task(_trouble(register, ending))]
        await asyncio.gather(*(_read(index, register, asked) for _ in range(4)))
        ending.set()
        await asyncio.gather(*around)
        await index.close()
    return asked.wrong


async def _write(register: Register, ending: asyncio.Event) -> None:
    while not ending.is_set():
        await register.loop.pause(0.05)
        register.commit(register.loop.chance.choice(NUMBERS), register.people(6))


async def _trouble(register: Register, ending: asyncio.Event) -> None:
    """Rows are hidden for a while, or the database is restored."""
    chance: Random = register.loop.chance
    while not ending.is_set():
        await register.loop.pause(0.4)
        if chance.random() < 0.7:
            register.hidden = frozenset({chance.choice(NUMBERS)})
            await register.loop.pause(0.3)
            register.hidden = frozenset()
        else:
            register.restore()


async def _read(index: PresenceIndex, register: Register, asked: Asked) -> None:
    ways = [_standing, _in_a_snapshot, _of_registers]
    for _ in range(25):
        await register.loop.pause(0.05)
        with suppress(UnavailableError):
            await register.loop.chance.choice(ways)(index, register, asked)


async def _standing(index: PresenceIndex, register: Register, asked: Asked) -> None:
    before = people_of(register.lists)
    standing = await index.standing(NUMBERS[1], None)
    if standing:
        asked.hear(standing.sieve, before & people_of(register.lists), "standing")


async def _in_a_snapshot(index: PresenceIndex, register: Register, asked: Asked) -> None:
    lists = register.lists
    rows = {
        number: Said(**standing_of(lists, frozenset(), number, list_canary(register.instruments, number)))
        for number in NUMBERS
    }
    await register.loop.pause()
    sieve = await index.sieve(lists_of(rows, NUMBERS, NUMBERS[1]))
    if sieve:
        asked.hear(sieve, people_of(lists), "in a snapshot")


async def _of_registers(index: PresenceIndex, register: Register, asked: Asked) -> None:
    sieve = index.of_registers({REGISTER: register.lines[0]})
    if sieve:
        asked.hear(sieve, {line.bytes for line in register.lines}, "of a register")
