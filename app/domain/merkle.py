"""Merkle trees as RFC 9162 section 2.1 defines them, with SHA-256.

A leaf is hashed behind a byte 0x00 and a node behind 0x01, so that neither can be taken for the other. A
tree of any size has one root; a path of at most 64 hashes proves one leaf to somebody who has the root alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
EMPTY_ROOT: Final = sha256().digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf, 32 bytes."""
    return sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return sha256(_NODE + left + right).digest()


class Frontier:
    """A tree that only grows. It holds the roots of its complete subtrees, at most one for each level, so
    that its memory does not grow with its leaves."""

    __slots__ = ("_complete", "size")

    def __init__(self) -> None:
        self._complete: list[bytes | None] = []
        self.size = 0

    @property
    def complete(self) -> tuple[bytes, ...]:
        """The roots of its complete subtrees, largest first: with `size` all that there is of it."""
        return tuple(one for one in reversed(self._complete) if one is not None)

    def append(self, leaf_hashes: Iterable[bytes]) -> Mapping[int, Sequence[bytes]]:
        """Add leaves, by their hashes, in their order. Returns the roots of the subtrees that became complete
        by it, by their level; on each level they follow those that were there before."""
        nodes = list(leaf_hashes)
        self.size += len(nodes)
        level, completed = 0, dict[int, Sequence[bytes]]()
        while nodes:
            completed[level] = tuple(nodes)
            if level == len(self._complete):
                self._complete.append(None)
            waiting = self._complete[level]
            if waiting is not None:
                nodes.insert(0, waiting)
            self._complete[level] = nodes.pop() if len(nodes) % 2 else None
            pairs = iter(nodes)
            nodes = [sha256(_NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            level += 1
        return completed

    @classmethod
    def of(cls, size: int, roots: Sequence[bytes]) -> "Frontier":
        """The tree of so many leaves, from what is `complete` of it."""
        tree = cls()
        tree.size = size
        tree._complete = [None] * size.bit_length()
        for (level, _), root in zip(complete_subtrees(0, size), roots, strict=True):
            tree._complete[level] = root
        return tree

    def root(self) -> bytes:
        """The root over all leaves so far."""
        return joined_root(self.complete)


def joined_root(roots: Sequence[bytes]) -> bytes:
    """The root over neighbouring complete subtrees, from the largest to the smallest."""
    if not roots:
        return EMPTY_ROOT
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = node_hash(left, root)
    return root


def complete_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees, as (level, index), whose joined root is that of the leaves from `start` up to
    `end`. `start` is a multiple of a power of two no less than their number, as in every proof."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The path that proves one leaf (RFC 9162 section 2.1.3.1), the leaf's neighbour first."""
    if not 0 <= index < len(leaf_hashes):
        raise ValueError("there is no such leaf")
    path, level = [], list(leaf_hashes)
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        odd = [level.pop()] if len(level) % 2 else []
        pairs = iter(level)
        level = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)] + odd
        index >>= 1
    return path


def root_of_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to from a leaf's hash (RFC 9162 section 2.1.3.2), or None when no tree of
    this size has such a path."""
    if not 0 <= index < size:
        return None
    node, last, root = index, size - 1, leaf
    for hash_ in path:
        if last == 0:
            return None
        if node % 2 or node == last:
            root = node_hash(hash_, root)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, hash_)
        node, last = node >> 1, last >> 1
    return root if last == 0 else None


def _left_half(size: int) -> int:
    """The largest power of two below a size."""
    return int(1 << (size - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The leaves (first, end) whose roots are the path of one leaf (RFC 9162 section 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError("there is no such leaf")
    first, end, found = 0, size, []
    while end - first > 1:
        middle = first + _left_half(end - first)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((first, middle))
            first = middle
    return found[::-1]


def consistency_ranges(earlier: int, later: int) -> list[tuple[int, int]]:
    """The leaves (first, end) whose roots prove that a tree is an earlier one continued (RFC 9162 section
    2.1.4.1), in the proof's order. Nothing needs to be proven of an empty or of the same tree."""
    if not 0 <= earlier <= later:
        raise ValueError("there is no such tree")
    first, end, found = 0, later, []
    while 0 < earlier < end:
        middle = first + _left_half(end - first)
        if earlier <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((first, middle))
            first = middle
    if first:
        found.append((first, end))
    return found[::-1]


def is_continued(
    earlier: int, earlier_root: bytes, later: int, later_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows the later tree to be the earlier one continued (RFC 9162 section 2.1.4.2)."""
    if not 0 <= earlier <= later:
        return False
    if earlier in {0, later}:
        root = EMPTY_ROOT if earlier == 0 else later_root
        return not proof and earlier_root == root
    path = [earlier_root, *proof] if earlier & (earlier - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = earlier - 1, later - 1
    while node % 2:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for hash_ in path[1:]:
        if last == 0:
            return False
        if node % 2 or node == last:
            old, new = node_hash(hash_, old), node_hash(hash_, new)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, hash_)
        node, last = node >> 1, last >> 1
    return last == 0 and old == earlier_root and new == later_root
