"""Mistakes that could be made in the presence index. No other guard there makes up for any of these."""

import asyncio
from collections.abc import Mapping
from typing import Any

import numpy as np

from app.domain.refusals import UnavailableError
from app.storage.lookups import list_canary
from app.storage.presence import asking, held, index, loading
from app.storage.presence.held import HeldList
from app.storage.presence.index import PresenceIndex, Sieve
from app.storage.presence.prefixes import EMPTY, SortedPrefixes, merged, prefixes_of
from app.storage.presence.witness import Witness

_STANDING = Witness.standing
_PLACES = Sieve.places


async def _joins(self: Any, numbers: Any) -> Any:
    running = vars(self).get("running")
    if running is None or running.done():
        running = self.running = asyncio.ensure_future(_STANDING(self, numbers))
    return await running


async def _remembers(self: Any, numbers: Any) -> Any:
    try:
        self.last = await _STANDING(self, numbers)
    except UnavailableError:
        if "last" not in vars(self):
            raise
    return self.last


def _adds_nothing(self: Any, positions: Mapping[int, Any], _fresh: Any) -> None:
    self._positions.update(positions)


def _loses_the_middle(self: Any, positions: Mapping[int, Any], fresh: Any) -> None:
    base, sealed, mid, hot = self._sets
    hot = merged(hot.prefixes, fresh)
    if hot.size > held._HOT:
        mid, hot = hot, EMPTY
    self._sets = (base, sealed, mid, hot)
    self._rebuild_if_due()
    self._positions.update(positions)


async def _builds_over(self: Any) -> None:
    base, sealed, _, _ = self._sets
    rebuilt = await asyncio.to_thread(merged, base.prefixes, sealed.prefixes)
    self._sets = (rebuilt, EMPTY, EMPTY, EMPTY)


async def _builds_aside(self: Any) -> None:
    base, sealed, _, _ = self._sets
    self._sets = (base, EMPTY, *self._sets[2:])
    rebuilt = await asyncio.to_thread(merged, base.prefixes, sealed.prefixes)
    self._sets = (rebuilt, EMPTY, *self._sets[2:])


def _asks_one_list(self: Any, digests: bytes) -> Any:
    return _PLACES(Sieve(self.held[:1]), digests)


def _looks_once(self: Any, asked: Any) -> Any:
    place = self._table.take((asked >> self._shift).view(np.int64))
    return self._keys.take(place) == asked


async def _loads_first(connection: Any, instruments: Any, number: int, most: int) -> HeldList:
    parts = await loading._copied(connection, loading._KEYS, number, most)
    row = (await asking.lists_standing(connection, instruments, [number])).get(number)
    if row is None:
        raise UnavailableError("not whole")
    return await loading._held(parts, (row.version, row.head), list_canary(instruments, number))


class _WithoutFacts:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetchrow(self, *asked: Any) -> dict[str, Any]:
        return {**await self._connection.fetchrow(*asked), "fact_keys": None}


async def _takes_entries_only(connection: Any, *asked: Any) -> Any:
    return await asking.came_since(_WithoutFacts(connection), *asked)


async def _needs_no_canary(connection: Any, instruments: Any, number: int, version: int) -> Any:
    row = await connection.fetchrow(asking._SINCE, number, version, list_canary(instruments, number))
    fresh = (row["entry_keys"] or b"") + (row["fact_keys"] or b"")
    positions = dict(zip(row["versions"], row["events"], strict=True))
    return asking.Since(positions, prefixes_of(fresh))


async def _follows_any_history(self: Any, connection: Any, number: int, one: Any, _wanted: int) -> None:
    since = await asking.came_since(connection, self._instruments, number, one.position[0])
    if since:
        one.advance(since.positions, since.fresh)


def _by_number(self: Any, position: Any) -> bool:
    return position[0] in self._positions


def _always(_self: Any, _position: Any) -> bool:
    return True


PLANTED: Mapping[str, tuple[Any, str, Any]] = {
    "joins a question that is under way": (Witness, "standing", _joins),
    "remembers where lists stood when nobody answers": (Witness, "standing", _remembers),
    "moves on without adding what came in": (HeldList, "advance", _adds_nothing),
    "loses the middle set when the hot one is full": (HeldList, "advance", _loses_the_middle),
    "builds over what came in meanwhile": (HeldList, "_rebuild", _builds_over),
    "does not look at what is being built in": (HeldList, "_rebuild", _builds_aside),
    "takes any position for passed": (HeldList, "passed", _always),
    "compares a position by its number alone": (HeldList, "passed", _by_number),
    "asks the first list alone": (Sieve, "places", _asks_one_list),
    "looks at the first place of a leading part alone": (SortedPrefixes, "holds", _looks_once),
    "loads a list before it asks where it stands": (index, "load_list", _loads_first),
    "catches up with entries and no other facts": (index, "came_since", _takes_entries_only),
    "catches up without seeing the canary": (index, "came_since", _needs_no_canary),
    "follows another history than the one it loaded": (PresenceIndex, "_advance", _follows_any_history),
}
