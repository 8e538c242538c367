"""The presence index of one worker: which fingerprints may have a fact, said from memory.

It says "no fact" of a fingerprint only at a position of the list that was read from the database after the
request had come in, and only while everything looks as it should. In every other case it says nothing, and
the database is asked about each fingerprint as if there were no index.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.crypto.instruments import Instruments
from app.domain.refusals import UnavailableError
from app.storage.lookups import Lists, lists_of, numbers_asked
from app.storage.presence.asking import came_since
from app.storage.presence.connecting import DRIVER_ERRORS, LOADING, Connect, Connection
from app.storage.presence.held import HeldList
from app.storage.presence.loading import TooLargeError, load_list, load_register
from app.storage.presence.prefixes import prefixes_of
from app.storage.presence.witness import Rows, Witness

Key = tuple[str, int]
"""A list by its number, or a snapshot of a register by its number."""

_LIST: Final = "list"
_REGISTER: Final = "register"
IDLE_SECONDS: Final = 30.0
"""What was asked for since then does not make room for something else: two lists that do not fit side by side
would push each other out for ever."""

_LOADING_SECONDS: Final = 600.0
_FAILED_SECONDS: Final = 5.0
_TOO_LARGE_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Sieve:
    """The lists of one lookup, held in memory at the position that the lookup reads or a later one."""

    held: Sequence[HeldList]

    def places(self, digests: bytes) -> NDArray[np.int64] | None:
        """Which of these fingerprints (16 bytes each, joined) may have a fact; None when nobody can say."""
        asked = prefixes_of(digests)
        any_ = np.zeros(len(asked), np.bool_)
        for one in self.held:
            found = one.holds(asked)
            if found is None:
                return None
            any_ |= found
        return np.flatnonzero(any_)


@dataclass(frozen=True, slots=True)
class Standing:
    """Lists as they stand, read after the request had come in, and what memory says of them there."""

    lists: Lists
    sieve: Sieve


class PresenceIndex:
    """What this worker holds, within `most_bytes`; with 0 it holds nothing and says nothing."""

    def __init__(self, connect: Connect, instruments: Instruments, most_bytes: int) -> None:
        self._connect = connect
        self._instruments = instruments
        self._most = most_bytes
        self._held: OrderedDict[Key, HeldList] = OrderedDict()
        self._counted: int | None = 0
        self._asked_at: dict[Key, float] = {}
        self._wanted: OrderedDict[Key, UUID | None] = OrderedDict()
        self._not_before: dict[Key, float] = {}
        self._loading: asyncio.Task[None] | None = None
        self._witness = Witness(connect, instruments, self._catch_up)

    @property
    def lists(self) -> int:
        """How many lists and snapshots are held."""
        return len(self._held)

    @property
    def nbytes(self) -> int:
        """What all of them take."""
        if self._counted is None:
            self._counted = sum(one.nbytes for one in self._held.values())
        return self._counted

    async def standing(self, controller_no: int, source_no: int | None) -> Standing | None:
        """The lists of a lookup as they stand now, if all of them are held at least up to there."""
        numbers = numbers_asked(controller_no, source_no)
        if not self._all_held(numbers):
            return None
        try:
            rows = await self._witness.standing(numbers)
            mine = {number: rows[number] for number in numbers if number in rows}
            lists = lists_of(mine, numbers, controller_no)
        except UnavailableError:
            return None
        sieve = self._sieve(lists)
        return Standing(lists, sieve) if sieve else None

    async def sieve(self, lists: Lists) -> Sieve | None:
        """What may be said of lists that the caller has read, at their position; None: ask the database."""
        if not self._all_held(lists.numbers):
            return None
        sieve = self._sieve(lists)
        if sieve is None:
            try:
                await self._witness.standing(lists.numbers)
            except UnavailableError:
                return None
            sieve = self._sieve(lists)
        return sieve

    def of_registers(self, canaries: Mapping[int, UUID]) -> Sieve | None:
        """What may be said of snapshots of registers, by number with their canaries."""
        for number, canary in canaries.items():
            key = (_REGISTER, number)
            if key in self._held and not self._held[key].passed((number, canary)):
                self._drop(key)
            self._ask_for(key, canary)
        held = [self._held.get((_REGISTER, number)) for number in canaries]
        whole = [one for one, here in zip(held, canaries.items(), strict=True) if one and one.passed(here)]
        return Sieve(whole) if len(whole) == len(held) else None

    def drop(self, sieve: Sieve) -> None:
        """Forget lists that cannot be relied on. They are loaded anew."""
        for key, held in list(self._held.items()):
            if held in sieve.held:
                self._drop(key)

    async def settle(self) -> None:
        """Wait until nothing is being loaded."""
        while self._loading is not None:
            await asyncio.wait([self._loading])

    async def close(self) -> None:
        """Let go of everything."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait([self._loading])
        await self._witness.close()
        for key in list(self._held):
            self._drop(key)

    def _sieve(self, lists: Lists) -> Sieve | None:
        """What is held of these lists, if all of it has been at the very positions that were read."""
        held = [self._held.get((_LIST, number)) for number in lists.numbers]
        heads = [lists.heads[number] for number in lists.numbers]
        whole = [one for one, head in zip(held, heads, strict=True) if one and one.passed(head)]
        return Sieve(whole) if len(whole) == len(held) else None

    def _all_held(self, numbers: Sequence[int]) -> bool:
        for number in numbers:
            self._ask_for((_LIST, number), None)
        return all((_LIST, number) in self._held for number in numbers)

    def _ask_for(self, key: Key, canary: UUID | None) -> None:
        """Note that it is in use, and have it loaded when it is not there."""
        now = time.monotonic()
        self._asked_at[key] = now
        if key in self._held:
            self._held.move_to_end(key)
        elif self._most and self._not_before.get(key, now) <= now:
            self._wanted.setdefault(key, canary)
            if self._loading is None:
                self._loading = asyncio.create_task(self._load_wanted())

    async def _catch_up(self, connection: Connection, rows: Rows) -> None:
        """Add to what is held whatever came in up to where the lists stand."""
        for number, row in rows.items():
            key = (_LIST, number)
            held = self._held.get(key)
            if held is None or held.position == (row.version, row.head):
                continue
            try:
                await self._advance(connection, number, held, row.version)
            except BaseException:
                # It may be too much to be fetched in time, and would be the next time too.
                self._drop(key)
                raise
            if self.nbytes > self._most:
                self._make_room(0)
            if self.nbytes > self._most:
                self._drop(key)

    async def _advance(self, connection: Connection, number: int, held: HeldList, wanted: int) -> None:
        known, event_id = held.position
        since = await came_since(connection, self._instruments, number, known)
        if since is None:
            return
        if since.positions.get(known) != event_id or max(since.positions) < wanted:
            # Another history than the one that was loaded.
            self._drop((_LIST, number))
        else:
            held.advance(since.positions, since.fresh)
            self._counted = None

    def _drop(self, key: Key) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            held.close()
            self._counted = None

    async def _load_wanted(self) -> None:
        connection: Connection = None
        try:
            while self._wanted:
                key, canary = self._wanted.popitem(last=False)
                try:
                    async with asyncio.timeout(_LOADING_SECONDS):
                        connection = connection or await self._connect(LOADING)
                        await self._load(connection, key, canary)
                except (*DRIVER_ERRORS, UnavailableError, TooLargeError, MemoryError, ValueError) as failed:
                    wait = _TOO_LARGE_SECONDS if isinstance(failed, TooLargeError) else _FAILED_SECONDS
                    self._not_before[key] = time.monotonic() + wait
                    connection = _let_go(connection)
        finally:
            self._loading = None
            _let_go(connection)

    async def _load(self, connection: Connection, key: Key, canary: UUID | None) -> None:
        kind, number = key
        room = self._most - self.nbytes + sum(self._held[one].nbytes for one in self._idle())
        if kind == _REGISTER and canary is not None:
            held = await load_register(connection, number, canary, room)
        else:
            held = await load_list(connection, self._instruments, number, room)
        self._make_room(held.nbytes)
        self._held[key] = held
        self._counted = None

    def _idle(self) -> list[Key]:
        """What nobody has asked for lately, the longest first."""
        since = time.monotonic() - IDLE_SECONDS
        return [key for key in self._held if self._asked_at[key] < since]

    def _make_room(self, wanted: int) -> None:
        for key in self._idle():
            if self.nbytes + wanted <= self._most:
                return
            self._drop(key)


def _let_go(connection: Connection) -> Connection:
    """End a connection, if there is one, in whatever state it is."""
    if connection is not None:
        connection.terminate()
    return None
