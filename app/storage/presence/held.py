"""What is held of one list: its fingerprints, and the position up to which they are all there."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.storage.presence.prefixes import EMPTY, Prefixes, SortedPrefixes, merged

Position = tuple[int, UUID]
"""A version of a list and the event that took it. Of two databases that went separate ways the events differ
where the versions may not."""

_HOT: Final = 4_096
_MID: Final = 65_536
_REMEMBERED: Final = 4_096
_OVERHEAD: Final = 4_096


class HeldList:
    """Everything that has any fact in one list, up to a position; more than that does no harm.

    What comes in is kept in a small set, that in a larger one, and that is put into the base on a thread of
    its own. `holds` looks at all of them, and may itself be asked on any thread.
    """

    def __init__(self, base: SortedPrefixes, position: Position, canary: int) -> None:
        self._sets: tuple[SortedPrefixes, ...] = (base, EMPTY, EMPTY, EMPTY)
        self.nbytes = 0
        """What it takes of the memory."""
        self._measure()
        self._positions: OrderedDict[int, UUID] = OrderedDict([position])
        self._canary = np.array([canary], np.uint64)
        self._building: asyncio.Task[None] | None = None

    @property
    def version(self) -> int:
        """The version up to which nothing is missing."""
        return next(reversed(self._positions))

    @property
    def position(self) -> Position:
        """That version and its event."""
        return next(reversed(self._positions.items()))

    @property
    def size(self) -> int:
        """How many fingerprints it has; one that came in again is counted again."""
        return sum(one.size for one in self._sets)

    def passed(self, position: Position) -> bool:
        """Whether this very position is behind or at the present one."""
        return self._positions.get(position[0]) == position[1]

    def advance(self, positions: Mapping[int, UUID], fresh: Prefixes) -> None:
        """Add what came in between the present position and the last of `positions`, which are in order."""
        if len(fresh):
            base, sealed, mid, hot = self._sets
            hot = merged(hot.prefixes, fresh)
            if hot.size > _HOT:
                mid, hot = merged(mid.prefixes, hot.prefixes), EMPTY
            self._sets = (base, sealed, mid, hot)
            self._rebuild_if_due()
            self._measure()
        self._positions.update(positions)
        while len(self._positions) > _REMEMBERED:
            self._positions.popitem(last=False)

    def holds(self, asked: Prefixes) -> NDArray[np.bool_] | None:
        """For each asked prefix, whether there may be a fact. None when the list's own canary is not found:
        then nothing that this says can be relied on."""
        sets = [one for one in self._sets if one.size]
        if not any(one.holds(self._canary)[0] for one in sets):
            return None
        held = sets[0].holds(asked)
        for one in sets[1:]:
            held |= one.holds(asked)
        return held

    def close(self) -> None:
        """Stop working on it."""
        if self._building is not None:
            self._building.cancel()

    def _rebuild_if_due(self) -> None:
        base, sealed, mid, _ = self._sets
        if sealed.size or mid.size < max(_MID, base.size // 64):
            return
        self._sets = (base, mid, EMPTY, self._sets[3])
        self._building = asyncio.get_running_loop().create_task(self._rebuild())

    async def _rebuild(self) -> None:
        base, sealed, _, _ = self._sets
        rebuilt = await asyncio.to_thread(merged, base.prefixes, sealed.prefixes)
        # What came in meanwhile lies in the other two.
        self._sets = (rebuilt, EMPTY, *self._sets[2:])
        self._measure()

    def _measure(self) -> None:
        self.nbytes = _OVERHEAD + sum(one.nbytes for one in self._sets)
