"""Ordinary rows as the bytes that they came in: laid out by arrays, without an object for any of them.

A row is a line, and what it asks about stands in one place of it, as it is. A block with a row that is not so
is read as text (`Rows`); tests compare both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from app.domain.column import WIDEST, Bytes, Column, Indices, slices
from app.domain.recipient_rows import Rows, decoded

_NEWLINE = ord("\n")
_BLANK = ord(" ")
_AFTER = b"\n" + bytes(WIDEST)


@dataclass(frozen=True, slots=True, repr=False)
class LineRows:
    """Lines in `data`, each from `starts` up to its newline in `ends`, and what each asks about. `prefix` is
    what an answer puts before a line."""

    data: bytes
    starts: Indices
    ends: Indices
    items: Column
    prefix: bytes = b""

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def heads(self) -> list[str]:
        """What stands before the answer in each row."""
        return self.as_text().heads

    def as_text(self) -> Rows:
        """The same rows as texts."""
        before = decoded(self.prefix)
        lines = decoded(self.data[self.starts[0] : self.ends[-1]]).split("\n") if len(self) else []
        return Rows([before + line for line in lines], list(self.items))

    def parts(self, most: int) -> Iterator["LineRows"]:
        """The same rows, so many at a time, each part with bytes of its own."""
        if len(self) <= most:
            if len(self):
                yield self
            return
        for part in slices(len(self), most):
            first, last = int(self.starts[part][0]), int(self.ends[part][-1])
            data = self.data[first - 1 : last] + _AFTER
            moved = 1 - first
            array = np.frombuffer(data, np.uint8)
            items = Column(array, self.items.starts[part] + moved, self.items.lengths[part])
            yield LineRows(data, self.starts[part] + moved, self.ends[part] + moved, items, self.prefix)

    def spoken(self, usual: bytes, special: Mapping[int, bytes]) -> Iterator[tuple[int | None, bytes]]:
        """The rows as they are answered, in their order: runs of those that get the usual tail, with None,
        and each of the others with its index."""
        between, begun = usual + self.prefix, 0
        for index in (*sorted(special), len(self)):
            if index > begun:
                run = self.data[self.starts[begun] : self.ends[index - 1]]
                yield None, self.prefix + run.replace(b"\n", between) + usual
            if index < len(self):
                row = self.data[self.starts[index] : self.ends[index]]
                yield index, self.prefix + row + special[index]
            begun = index + 1


def whole_fields(block: bytes, separator: str, width: int, place: int) -> LineRows | None:
    """Rows of so many fields without any quote, of which the one at `place` is asked about; None when there
    is another row."""
    laid = None if b'"' in block else _laid(block)
    if laid is None:
        return None
    data, array, starts, ends = laid
    if width == 1:
        alone = separator.encode() not in block
        return LineRows(data, starts, ends, Column(array, starts, ends - starts)) if alone else None
    borders = np.flatnonzero(array == ord(separator))
    if len(borders) != len(starts) * (width - 1):
        return None
    grid = borders.reshape(-1, width - 1)
    if not ((grid[:, 0] >= starts) & (grid[:, -1] < ends)).all():
        return None
    first = starts if place == 0 else grid[:, place - 1] + 1
    last = ends if place == width - 1 else grid[:, place]
    return LineRows(data, starts, ends, Column(array, first, last - first))


def quoted_texts(block: bytes, prefix: bytes) -> LineRows | None:
    """Lines each of which is a JSON text without an escape; None when there is another line. As many quotes
    as two for each line, at its ends, leave none for the inside of a text."""
    laid = None if b"\\" in block else _laid(block)
    if laid is None:
        return None
    data, array, starts, ends = laid
    quotes = (array[starts] == ord('"')) & (array[ends - 1] == ord('"')) & (ends - starts > 1)
    rows = array[: ends[-1]]
    if not quotes.all() or data.count(b'"') != 2 * len(starts) or (rows < _BLANK).sum() != len(starts):
        return None
    return LineRows(data, starts, ends, Column(array, starts + 1, ends - starts - 2), prefix)


def _laid(block: bytes) -> tuple[bytes, Bytes, Indices, Indices] | None:
    """A block of whole lines, and where each begins and ends. None for what is not UTF-8, and for a line end
    inside a line."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    try:
        if not block or b"\r" in block or not (block.isascii() or block.decode()):
            return None
    except UnicodeDecodeError:
        return None
    data = b"\n" + block.removesuffix(b"\n") + _AFTER
    array = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(array == _NEWLINE)[1:]
    return data, array, np.concatenate([np.ones(1, np.int64), ends[:-1] + 1]), ends
