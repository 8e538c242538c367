"""What a process remembers of the lookups for each controller: how many, never whom.

In memory alone, and under keys that are thrown away with it after thirty days or when the process ends. No
identifier, fingerprint or hash can be taken out of it again, and nothing of it is ever written anywhere.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Final
from uuid import UUID

import numpy as np

from app.domain import novelty
from app.domain.column import Column
from app.domain.novelty import BLOCK_DIGITS, Cause, Seen
from app.domain.sketches import MixingKeys, Sketch, Words

Buffer = bytes | memoryview

_MOST: Final = 10_000
"""Controllers that are remembered at a time: 12 KiB each."""

_FEW: Final = 50
_DIGEST: Final = 16
_WIDTH: Final = 16
_KEY: Final = 24
_WORD: Final = (1 << 64) - 1
_KEPT: Final = np.frombuffer(
    b"".join((b"\xff" * max(0, length - BLOCK_DIGITS)).ljust(_WIDTH, b"\0") for length in range(_WIDTH + 1)),
    np.uint64,
).reshape(-1, 2)
"""By the length of a number, which of its bytes name its block."""


@dataclass(frozen=True, slots=True)
class Told:
    """That a controller is slowed, or asks in sequence; to be written down for an admin. Counts only."""

    controller_id: UUID
    cause: Cause
    slowed: bool
    identifiers: int
    allowance: int
    base: int | None


@dataclass(slots=True, repr=False)
class _Watched:
    numbers: Sketch = field(default_factory=Sketch)
    blocks: Sketch = field(default_factory=Sketch)
    others: Sketch = field(default_factory=Sketch)
    due: float = 0.0
    told: set[tuple[Cause, bool]] = field(default_factory=set)


@dataclass(frozen=True, slots=True, repr=False)
class AskedAbout:
    """The identifiers of one lookup: `numbers` are those that are phone numbers, as texts and as
    fingerprints; `others` the fingerprints of all others. Fingerprints have 16 bytes each and are joined."""

    numbers: Sequence[tuple[Sequence[str], Buffer]]
    others: Sequence[Buffer]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(len(texts) for texts, _ in self.numbers) + sum(map(len, self.others)) // _DIGEST


class NoveltyWatch:
    """One for each process; `pending` is what is still to be written down."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._watched: OrderedDict[int, _Watched] = OrderedDict()
        self.pending: list[Told] = []
        self._forget()

    def _forget(self) -> None:
        self._keys = MixingKeys.of(token_bytes(_KEY))
        self._begun = self._clock()
        self._watched.clear()

    def admits(self, number: int, controller_id: UUID, base: int | None, asked: AskedAbout) -> bool:
        """Whether these may be asked about now; if so they count. They do not otherwise."""
        now = self._clock()
        if now - self._begun > novelty.PERIOD_DAYS * novelty.SECONDS_OF_A_DAY:
            self._forget()
        watched = self._of(number)
        seen = self._seen(watched, now)
        cause = novelty.exceeded(base, seen)
        if cause is not None:
            self._tell(watched, controller_id, base, seen, slowed=cause)
            if watched.due > now:
                return False
            watched.due = now + novelty.seconds_for(base, asked.count)
        elif novelty.in_sequence(seen):
            self._tell(watched, controller_id, base, seen, slowed=None)
        self._add(watched, asked)
        return True

    def _of(self, number: int) -> _Watched:
        watched = self._watched.get(number)
        if watched is None:
            watched = self._watched[number] = _Watched()
            if len(self._watched) > _MOST:
                self._watched.popitem(last=False)
        return watched

    def _seen(self, watched: _Watched, now: float) -> Seen:
        days = (now - self._begun) / novelty.SECONDS_OF_A_DAY
        numbers = watched.numbers.count
        return Seen(numbers + watched.others.count, numbers, watched.blocks.count, days)

    def _tell(
        self, watched: _Watched, controller_id: UUID, base: int | None, seen: Seen, *, slowed: Cause | None
    ) -> None:
        """Once of each."""
        cause = slowed or Cause.SEQUENCE
        if (cause, slowed is not None) not in watched.told:
            watched.told.add((cause, slowed is not None))
            counts = round(seen.identifiers), round(novelty.allowance(base, seen))
            self.pending.append(Told(controller_id, cause, slowed is not None, *counts, base))

    def _add(self, watched: _Watched, asked: AskedAbout) -> None:
        first = np.uint64(self._keys.first)
        for texts, fingerprints in asked.numbers:
            if len(texts) < _FEW:
                self._add_few(watched, texts, fingerprints)
            else:
                column = texts if isinstance(texts, Column) else Column.of(texts)
                watched.numbers.add_all(_words(fingerprints) * first)
                watched.blocks.add_all(self._keys.mixed_all(_blocks(column)))
        for fingerprints in asked.others:
            if fingerprints:
                watched.others.add_all(_words(fingerprints) * first)

    def _add_few(self, watched: _Watched, texts: Sequence[str], fingerprints: Buffer) -> None:
        keys = self._keys
        for place, text in enumerate(texts):
            word = int.from_bytes(fingerprints[place * _DIGEST : place * _DIGEST + 8], "little")
            watched.numbers.add(word * keys.first & _WORD)
            block = int.from_bytes(text.encode()[:-BLOCK_DIGITS], "little")
            watched.blocks.add(keys.mixed(block & _WORD, block >> 64))


def _words(fingerprints: Buffer) -> Words:
    """The first half of each."""
    return np.frombuffer(fingerprints, np.uint64)[::2]


def _blocks(column: Column) -> Words:
    """Each number without its last two digits, as two words."""
    return column.windows(_WIDTH).view(np.uint64) & _KEPT.take(np.minimum(column.lengths, _WIDTH), axis=0)
