"""A sorted set of fingerprints in memory, asked many at once.

Of each fingerprint the first eight bytes are kept. They are a keyed digest, so that two that begin alike are
as rare as one in 2^64 pairs; whoever is asked for and begins like one that is there is said to be there. That
costs one fetch from the database and changes no answer: what matters is that nothing that was added is ever
missed.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Prefixes = NDArray[np.uint64]

FINGERPRINT_BYTES: Final = 16
_WORD_BITS: Final = 64
_LAST: Final = np.uint64(2**64 - 1)
_FEW: Final = 64
_STEPS: Final = 12
_PIECE: Final = 1 << 20


def prefixes_of(digests: bytes) -> Prefixes:
    """The first eight bytes of each fingerprint; `digests` are 16 bytes each, joined."""
    return np.frombuffer(digests, ">u8")[::2].astype(np.uint64)


class SortedPrefixes:
    """An immutable set of prefixes: sorted, under a table that says where those of a leading part begin.

    The table has between one and two places for each prefix, four bytes each, so that one step into it and
    about one and a half into the prefixes answer a question, however large the set is.
    """

    __slots__ = ("_keys", "_shift", "_table", "size")

    def __init__(self, sorted_distinct: Prefixes) -> None:
        self.size = len(sorted_distinct)
        if self.size >= 2**32 - 1:
            raise ValueError("a set this large has no place in the table")
        # The end mark is not below anything that can be asked for. Asked for itself, it is said to be there.
        self._keys = np.append(sorted_distinct, _LAST)
        bits = max(1, (self.size - 1).bit_length())
        self._shift = np.uint64(_WORD_BITS - bits)
        self._table = _begins(sorted_distinct, self._shift, 1 << bits)

    @property
    def nbytes(self) -> int:
        """What it takes of the memory."""
        return int(self._keys.nbytes + self._table.nbytes)

    @property
    def prefixes(self) -> Prefixes:
        """All of them, sorted, each once."""
        return self._keys[:-1]

    def holds(self, asked: Prefixes) -> NDArray[np.bool_]:
        """For each asked prefix, whether it is in the set."""
        if len(asked) <= _FEW:
            return np.asarray(self._keys[self._keys.searchsorted(asked)] == asked)
        place = self._table.take((asked >> self._shift).view(np.int64))
        there = self._keys.take(place)
        held: NDArray[np.bool_] = there == asked
        open_ = np.flatnonzero(there < asked)
        for _ in range(_STEPS):
            if not len(open_):
                return held
            place[open_] += 1
            wanted, there = asked[open_], self._keys.take(place[open_])
            held[open_] = there == wanted
            open_ = open_[there < wanted]
        held[open_] = self._keys[self._keys.searchsorted(asked[open_])] == asked[open_]
        return held


def _begins(keys: Prefixes, shift: np.uint64, places: int) -> NDArray[np.uint32]:
    """For each leading part, how many prefixes come before the first that has it. Made piece by piece: what
    is needed beside the table stays small."""
    table = np.zeros(places + 1, np.uint32)
    for first in range(0, len(keys), _PIECE):
        leading = (keys[first : first + _PIECE] >> shift).view(np.int64)
        ends = np.append(np.flatnonzero(leading[1:] != leading[:-1]), len(leading) - 1)
        table[leading[ends] + 1] = first + 1 + ends
    np.maximum.accumulate(table, out=table)
    return table[:-1]


EMPTY: Final = SortedPrefixes(np.empty(0, np.uint64))


def merged(*sets: Prefixes) -> SortedPrefixes:
    """One set of all these prefixes, in any order and repeated."""
    together = np.concatenate(sets)
    # Runs that are sorted already are merged in one pass.
    together.sort(kind="stable")
    fresh = np.empty(len(together), np.bool_)
    fresh[:1] = True
    np.not_equal(together[1:], together[:-1], out=fresh[1:])
    return SortedPrefixes(together if fresh.all() else together[fresh])
