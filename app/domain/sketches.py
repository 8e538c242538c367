"""How many different things were seen, without keeping any of them (HyperLogLog, Flajolet et al. 2007).

A sketch is 4,096 small numbers, from which nobody learns whether anything in particular was seen. What goes
in is mixed with keys that its holder forgets. It counts to about 2 %.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_BITS: Final = 12
_REGISTERS: Final = 1 << _BITS
_REST: Final = 64 - _BITS
_BIAS: Final = 0.7213 / (1 + 1.079 / _REGISTERS)
_FEW: Final = 2.5 * _REGISTERS
_64: Final = (1 << 64) - 1
_LOW: Final = (1 << _REST) - 1

_BELOW: Final = np.array([1 << (_REST - rank) for rank in range(_REST + 1)] + [0], np.uint64)
"""By rank, below what the rest of a hash must be for a higher one."""


@dataclass(frozen=True, slots=True, repr=False)
class MixingKeys:
    """Three odd numbers of 64 bits."""

    first: int
    second: int
    third: int

    @classmethod
    def of(cls, secret: bytes) -> "MixingKeys":
        """From 24 random bytes."""
        first, second, third = (int.from_bytes(secret[at : at + 8]) | 1 for at in (0, 8, 16))
        return cls(first, second, third)

    def mixed(self, first: int, second: int) -> int:
        """One hash of two words."""
        hash_ = (first * self.first + second * self.second) & _64
        hash_ = ((hash_ ^ hash_ >> 32) * self.third) & _64
        return hash_ ^ hash_ >> 29

    def mixed_all(self, words: Words) -> Words:
        """The same of many, two words a row."""
        hashes = words[:, 0] * np.uint64(self.first)
        hashes += words[:, 1] * np.uint64(self.second)
        hashes ^= hashes >> np.uint64(32)
        hashes *= np.uint64(self.third)
        hashes ^= hashes >> np.uint64(29)
        return hashes


class Sketch:
    """`add` and `add_all` take hashes that are evenly spread; `count` is about how many different ones there
    were."""

    __slots__ = ("_all", "_ranks", "_sum", "_unused", "count")

    def __init__(self) -> None:
        self._ranks = bytearray(_REGISTERS)
        self._all = np.frombuffer(self._ranks, np.uint8)
        self._sum = float(_REGISTERS)
        self._unused = _REGISTERS
        self.count = 0.0

    def add(self, hash_: int) -> None:
        """One more, or one again."""
        place = hash_ >> _REST
        rank = _REST + 1 - (hash_ & _LOW).bit_length()
        had = self._ranks[place]
        if rank > had:
            self._ranks[place] = rank
            self._sum += 2.0**-rank - 2.0**-had
            self._unused -= had == 0
            self.count = self._counted()

    def add_all(self, hashes: Words) -> None:
        """Many at once: of most of these nothing changes."""
        places = hashes >> np.uint64(_REST)
        rests = hashes & np.uint64(_LOW)
        higher = np.flatnonzero(rests < _BELOW.take(self._all.take(places)))
        if not len(higher):
            return
        lengths = np.frexp(rests[higher].astype(np.float64))[1]
        np.maximum.at(self._all, places[higher], (_REST + 1 - lengths).astype(np.uint8))
        counts = np.bincount(self._all)
        self._sum = float((counts * 2.0 ** -np.arange(len(counts))).sum())
        self._unused = int(counts[0])
        self.count = self._counted()

    def _counted(self) -> float:
        estimate = _BIAS * _REGISTERS**2 / self._sum
        if estimate <= _FEW and self._unused:
            return _REGISTERS * math.log(_REGISTERS / self._unused)
        return estimate
