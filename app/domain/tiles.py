"""A journal laid out as static files: C2SP tlog-tiles.

A tile holds up to 256 hashes: the nodes of the tree's level 8·L in their order. A bundle holds the leaves
under a tile of level 0, each behind its length in two bytes, big-endian. Only the last tile of a level may be
partial; its path says how much it holds. The root of any tree is reached over a few files that never change.
"""

from collections.abc import Iterator, Sequence
from typing import Final

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
HASH_BYTES: Final = 32
LONGEST: Final = 0xFFFF
"""Bytes of a leaf that a bundle can hold."""
ENTRIES: Final = "entries"

_LENGTH: Final = 2


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """The path of a tile of so many hashes; `entries` is the level of the leaves themselves. The index is
    written in groups of three digits, an x before all but the last."""
    groups = [f"{index % 1000:03}"]
    while index >= 1000:  # noqa: PLR2004 - three digits
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def bundle_of(leaves: Sequence[bytes]) -> bytes:
    """Leaves as one file. Raises ValueError for one of more than 65,535 bytes."""
    if any(len(leaf) > LONGEST for leaf in leaves):
        raise ValueError("a leaf is too long for a bundle")
    return b"".join(len(leaf).to_bytes(_LENGTH) + leaf for leaf in leaves)


def leaves_of(bundle: bytes) -> list[bytes]:
    """The leaves of such a file. Raises ValueError when it ends within one."""
    leaves, at = [], 0
    while at < len(bundle):
        end = at + _LENGTH + int.from_bytes(bundle[at : at + _LENGTH])
        if at + _LENGTH > len(bundle) or end > len(bundle):
            raise ValueError("the bundle ends within a leaf")
        leaves.append(bundle[at + _LENGTH : end])
        at = end
    return leaves


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, index and width of every tile of a tree of so many leaves."""
    level, nodes = 0, size
    while nodes:
        for index in range(nodes // WIDTH):
            yield level, index, WIDTH
        if nodes % WIDTH:
            yield level, nodes // WIDTH, nodes % WIDTH
        level, nodes = level + 1, nodes // WIDTH
