"""Merkle trees as RFC 9162 section 2.1 defines them, with SHA-256.

A leaf is hashed behind a byte 0x00 and a node behind 0x01, so that neither can be taken for the other. A
tree of any size has one root; a path of at most 64 hashes proves one leaf to somebody who has the root alone.
"""

from collections.abc import Iterable, Sequence
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
    def complete(self) -> tuple[bytes | None, ...]:
        """The roots of its complete subtrees, the smallest first: with `size` all that there is of it."""
        return tuple(self._complete)

    @staticmethod
    def of(size: int, complete: Iterable[bytes | None]) -> "Frontier":
        """The tree that had this size and these complete subtrees."""
        tree = Frontier()
        tree.size = size
        tree._complete = list(complete)
        return tree

    def append(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaves, by their hashes, in their order."""
        nodes = list(leaf_hashes)
        self.size += len(nodes)
        level = 0
        while nodes:
            if level == len(self._complete):
                self._complete.append(None)
            waiting = self._complete[level]
            if waiting is not None:
                nodes.insert(0, waiting)
            self._complete[level] = nodes.pop() if len(nodes) % 2 else None
            pairs = iter(nodes)
            nodes = [sha256(_NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            level += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        root: bytes | None = None
        for complete in self._complete:
            if complete is not None:
                root = complete if root is None else node_hash(complete, root)
        return EMPTY_ROOT if root is None else root


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
