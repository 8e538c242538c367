"""A list of recipients as it is sent and answered, some rows at a time: what each row asks about, and where
its answer is put. Whatever a sender's own columns hold is kept as it stands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LONGEST_ROW: Final = 1 << 20
"""Bytes of one row, with all its columns. A longer one ends the reading: memory stays constant."""


class UnreadableListError(Exception):
    """The list cannot be read any further. The message is fixed text of ours and repeats nothing of it."""


@dataclass(slots=True, repr=False)
class Rows:
    """Some rows: `heads` is what stands before the answer in each, `items` what each asks about. An item that
    is None cannot be read."""

    heads: list[str]
    items: list[Any]

    def __len__(self) -> int:
        return len(self.heads)

    def parts(self, most: int) -> Iterator["Rows"]:
        """The same rows, so many at a time."""
        if len(self) <= most:
            if self.heads:
                yield self
            return
        for first in range(0, len(self), most):
            yield Rows(self.heads[first : first + most], self.items[first : first + most])


def answered(rows: Rows, tails: Sequence[str]) -> str:
    """The rows, each with its tail."""
    parts = [""] * (2 * len(rows))
    parts[0::2] = rows.heads
    parts[1::2] = tails
    return "".join(parts)


def decoded(block: bytes) -> str:
    """The text of a block. Bytes that are not UTF-8 are carried through as they are (PEP 383)."""
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        return block.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The bytes of a text, with those that came in as no UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def is_unicode(text: str) -> bool:
    """Whether a text has no byte that is not UTF-8, and no half of a surrogate pair."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def summary_line(kind: str, told: Mapping[str, Any]) -> str:
    """`{"summary": …}` or `{"error": …}`, as the last line of an answer carries it."""
    return json.dumps({kind: told}, ensure_ascii=False, separators=(",", ":"))
