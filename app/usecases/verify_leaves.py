"""The leaves of an exported journal: the tree they grow to, and what each of them commits to."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.crypto import base64text
from app.crypto.base64text import decode_quickly
from app.crypto.journal_leaves import commitment, read_leaf
from app.crypto.notes import Checkpoint
from app.domain.merkle import Frontier, leaf_hash
from app.usecases.journal_findings import UNREADABLE, Verified, broken_line, read_lines

_CHUNK: Final = 4096
_STEP: Final = 8
"""Of the tree's levels every eighth is kept."""

MISSHAPEN: Final = (ValueError, KeyError, TypeError, AttributeError)
"""What reading a member of a line can fail with, whatever stands in the line."""


class Opening:
    """What a leaf commits to: a salt, and the digests by table and key of the rows not met yet."""

    __slots__ = ("_read", "_written", "salt")

    def __init__(self, salt: bytes, written: bytes) -> None:
        self.salt, self._written = salt, written
        self._read: dict[str, dict[str, str]] | None = None

    @property
    def digests(self) -> dict[str, dict[str, str]]:
        """Read when somebody asks: the tree can be verified without."""
        if self._read is None:
            self._read = _digests(self._written)
        return self._read


def _digests(written: bytes) -> dict[str, dict[str, str]]:
    """What cannot be read commits to no row."""
    try:
        read = json.loads(written)
    except (ValueError, RecursionError):
        return {}
    tables = read if isinstance(read, dict) else {}
    return {table: rows for table, rows in tables.items() if isinstance(rows, dict)}


Openings = Mapping[str, Opening | None]


@dataclass(slots=True)
class _Grown:
    """The tree so far: `good` is the largest size that is known to be signed, or -1 after a difference."""

    tree: Frontier
    nodes: dict[int, list[bytes]]
    good: int = 0
    best: int = 0
    following: int = 0

    def grow(self, hashes: list[bytes], expected: Mapping[int, Checkpoint], found: Verified) -> None:
        for level, completed in self.tree.append(hashes).items():
            if level and level % _STEP == 0:
                self.nodes[level].extend(completed)
        hashes.clear()
        checkpoint = expected.get(self.tree.size)
        if checkpoint is None or self.good < 0:
            return
        if self.tree.root() == checkpoint.root:
            self.good = self.best = self.tree.size
        else:
            place = f"{self.good}..{self.tree.size - 1}"
            found.add("journal_leaf", place, "altered", "the signed root is another")
            self.good = -1


def verify_leaves(folder: Path, expected: Mapping[int, Checkpoint], found: Verified) -> Openings:
    """Grow the tree leaf by leaf and compare it at every checkpoint. What each event's leaf commits to; None
    where that cannot be known."""
    openings: dict[str, Opening | None] = {}
    grown, hashes, path = _Grown(Frontier(), defaultdict(list)), list[bytes](), folder / "leaves.jsonl"
    for number, line in read_lines(path, found):
        try:
            index, event, leaf = line["index"], line["event"], line["leaf"]
            if index is None:
                found.add("journal_opening", event, "added", "no leaf commits to it")
                continue
            raw = decode_quickly(leaf)
            hash_ = leaf_hash(raw)
            if index != grown.following:
                found.add("journal_leaf", grown.following, "missing", f"leaf {index} comes next")
            grown.following = index + 1
            if base64text.encode(hash_) != line["hash"]:
                found.add("journal_leaf", index, "altered", "its hash is another")
            _open(line, event, raw, openings, found)
        except MISSHAPEN:
            broken_line(path, number, found)
            continue
        hashes.append(hash_)
        if grown.tree.size + len(hashes) in expected or len(hashes) == _CHUNK:
            grown.grow(hashes, expected, found)
    grown.grow(hashes, {}, found)
    _ending(grown, expected, found)
    _nodes(folder / "nodes.jsonl", grown, found)
    return openings


def _open(
    line: Mapping[str, Any], event: str, leaf: bytes, openings: dict[str, Opening | None], found: Verified
) -> None:
    """Read a leaf's opening, if it is the one that the leaf commits to."""
    try:
        said, committed = read_leaf(leaf)
    except ValueError:
        found.add("journal_leaf", line["index"], UNREADABLE, "this is no leaf")
        openings[event] = None
        return
    if said != event:
        found.add("journal_leaf", line["index"], "altered", "it stands beside another event")
    if said in openings:
        found.add("journal_leaf", line["index"], "added", "its event is in the journal twice")
    openings[said] = None
    if line["salt"] is None:
        found.add("journal_opening", said, "missing", "the rows of this event cannot be verified")
        return
    salt, digests = decode_quickly(line["salt"]), decode_quickly(line["digests"])
    if commitment(salt, digests) != committed:
        found.add("journal_opening", said, "altered", "the leaf commits to another one")
        return
    openings[said] = Opening(salt, digests)


def _ending(grown: _Grown, expected: Mapping[int, Checkpoint], found: Verified) -> None:
    if (largest := max(expected, default=0)) > grown.following:
        found.add("journal_leaf", grown.following, "missing", f"a tree of {largest} leaves was signed")
    if grown.following > found.size:
        found.add("journal_leaf", found.size, "added", "nothing was signed over it")


def _nodes(path: Path, grown: _Grown, found: Verified) -> None:
    """Compare the nodes that the registry keeps, as far as the leaves under them are signed: it proves with
    them that a leaf is in the tree."""
    wanted = {
        (level, position): node
        for level, nodes in grown.nodes.items()
        for position, node in enumerate(nodes)
        if (position + 1) << level <= grown.best
    }
    for number, line in read_lines(path, found):
        try:
            level, position, kept = line["level"], line["position"], base64text.decode(line["hash"])
            beyond = (position + 1) << level > grown.best
        except (*MISSHAPEN, OverflowError, MemoryError):
            broken_line(path, number, found)
            continue
        node = wanted.pop((level, position), None)
        if node is None and not (beyond and grown.best < grown.tree.size):
            found.add("journal_node", f"{level},{position}", "added", "the tree has no such node")
        elif node is not None and node != kept:
            found.add("journal_node", f"{level},{position}", "altered", "the leaves lead to another one")
    for level, position in wanted:
        found.add("journal_node", f"{level},{position}", "missing", "the tree has it")
