"""Many texts as one run of bytes, so that arrays can look at all of them at once.

Where each text begins and ends is kept beside the bytes and never read out of them: nothing that stands in a
text can pass for a border between two.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Indices = NDArray[np.int64]
Rows = NDArray[np.bool_]

WIDEST: Final = 288
"""The widest window that may be asked for; so many bytes stand behind the last text."""


class Column(Sequence[str]):
    """Texts in UTF-8, where half surrogates are no error: `starts` and `lengths` say where in `data` each
    stands. The byte before each text belongs to no text, and nor do the last WIDEST ones."""

    __slots__ = ("data", "lengths", "starts")

    def __init__(self, data: Bytes, starts: Indices, lengths: Indices) -> None:
        self.data = data
        self.starts = starts
        self.lengths = lengths

    def __repr__(self) -> str:
        return f"Column({len(self)} texts)"

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Column":
        """A column of these texts."""
        joined = "\0".join(("", *texts, ""))
        if joined.isascii():
            lengths = np.fromiter(map(len, texts), np.int64, len(texts))
            return cls.packed(joined.encode(), lengths)
        encoded = [text.encode(errors="surrogatepass") for text in texts]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return cls.packed(b"\0".join((b"", *encoded)), lengths)

    @classmethod
    def packed(cls, data: bytes, lengths: Indices) -> "Column":
        """Texts that stand one after another, with one byte before each."""
        starts = np.cumsum(lengths + 1) - lengths
        return cls(np.frombuffer(data + bytes(WIDEST), np.uint8), starts, lengths)

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> "Column": ...
    def __getitem__(self, place: int | slice) -> "str | Column":
        if isinstance(place, slice):
            return Column(self.data, self.starts[place], self.lengths[place])
        start = int(self.starts[place])
        return self.data[start : start + int(self.lengths[place])].tobytes().decode(errors="surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return (text.decode(errors="surrogatepass") for text in self.encoded())

    def encoded(self) -> Iterator[bytes]:
        """Each text in UTF-8."""
        data = self.data.tobytes()
        for start, end in zip(self.starts.tolist(), (self.starts + self.lengths).tolist(), strict=True):
            yield data[start:end]

    def at(self, rows: NDArray[Any]) -> "Column":
        """Some of the texts: by their places, or by a mask."""
        return Column(self.data, self.starts[rows], self.lengths[rows])

    def windows(self, width: int, before: int = 0) -> Bytes:
        """A copy of `width` bytes from each text's start, or `before` bytes earlier: one row for each text.
        What stands behind a shorter text is not blank."""
        count = len(self.data) - width + 1
        all_windows = np.ndarray((count,), f"V{width}", self.data, strides=(1,))
        return all_windows[self.starts - before].view(np.uint8).reshape(-1, width)


def positions(lengths: Indices) -> Indices:
    """0, 1, 2… for each of some runs of these lengths, one after another."""
    return np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def slices(count: int, size: int) -> Iterator[slice]:
    """The parts of a sequence of `count`, each of `size` at most."""
    borders = (*range(0, count, size), count)
    return (slice(first, end) for first, end in pairwise(borders))
