"""The unit of a lookup: one snapshot, read only, begun when it is first needed, and what memory says."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.crypto.instruments import Instruments
from app.domain.entry import EntryFact
from app.storage.lookups import Lists, entries_and_heads
from app.storage.novelty import NoveltyWatch
from app.storage.presence.index import PresenceIndex, Sieve
from app.storage.straight import Straights
from app.storage.units import ReadUnit, Session


class LookupUnit(ReadUnit):
    """A read unit whose connection is taken with the first statement: a lookup that memory answers, at a
    position read together with others, needs none."""

    def __init__(
        self,
        connection: Session,
        instruments: Instruments,
        presence: PresenceIndex,
        novelty: NoveltyWatch,
        fetches: Straights,
    ) -> None:
        super().__init__(connection, instruments)
        self.presence = presence
        self.novelty = novelty
        self._fetches = fetches
        self.from_memory = False
        """Whether memory said who has no fact."""

    async def narrowed(
        self, lists: Lists, digests: bytes, owners: NDArray[np.int64]
    ) -> tuple[bytes, NDArray[np.int64]]:
        """Those of these fingerprints (16 bytes each, joined), with their owners, of which these lists may
        have a fact: all of them when memory cannot say."""
        places = self.places(await self.presence.sieve(lists), digests)
        if places is None:
            return digests, owners
        self.from_memory = True
        return only(digests, places), owners[places]

    async def entries_there(self, lists: Lists, digests: bytes) -> Mapping[UUID, Sequence[EntryFact]] | None:
        """The entries in force for each of these fingerprints that has any, read where the lists stand. None
        when they have moved on: then this does not belong to what was read before."""
        async with self._fetches.single(lists.numbers) as connection:
            unit = ReadUnit(connection, self.instruments, frozenset(lists.numbers))
            found, heads = await entries_and_heads(unit, lists, digests)
        stand = all(lists.heads[number][1] == head for number, head in heads.items())
        return found if stand else None

    def in_registers(self, canaries: Mapping[int, UUID], digests: bytes) -> bytes:
        """Those of these fingerprints that snapshots of registers may hold: all when memory cannot say."""
        places = self.places(self.presence.of_registers(canaries), digests)
        return digests if places is None else only(digests, places)

    def places(self, sieve: Sieve | None, digests: bytes) -> NDArray[np.int64] | None:
        """Which of these fingerprints may have a fact; None when memory cannot say."""
        if sieve is None:
            return None
        places = sieve.places(digests)
        if places is None:
            self.presence.drop(sieve)
        return places


def only(digests: bytes, places: NDArray[np.int64]) -> bytes:
    """The fingerprints at these places."""
    return np.frombuffer(digests, "V16")[places].tobytes()
