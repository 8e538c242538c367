"""The journal's tiles verified from their files alone: every leaf, every tile, and the signed root.

Each file that does not fit is named by its path.
"""

from pathlib import Path
from typing import Final

from app.crypto.notes import BadNote, Checkpoint, open_checkpoint
from app.domain.merkle import Frontier, leaf_hash
from app.domain.tiles import ENTRIES, HASH_BYTES, HEIGHT, WIDTH, leaves_of, tile_path, tiles_of
from app.usecases.journal_findings import UNREADABLE, UnreadableExportError, Verified

TILE: Final = "tile"


def are_tiles(folder: Path) -> bool:
    """Whether a folder holds tiles, and not an export of the register."""
    return (folder / TILE).is_dir()


def verify_tiles(folder: Path, vkey: str | None, remembered: str | None = None) -> Verified:
    """Verify tiles. Without a verifier key of the reader's own, the folder's is believed. `remembered` is the
    note of an earlier checkpoint, which this journal must continue."""
    found = Verified()
    try:
        key = vkey or (folder / "vkey").read_bytes().decode().strip()
        newest = open_checkpoint((folder / "checkpoint").read_bytes().decode(), key)
    except BadNote as bad:
        found.add("journal_checkpoint", "newest", "altered", str(bad))
        return found
    except (OSError, ValueError):
        raise UnreadableExportError(f"{folder} holds no checkpoint or no key that can be read") from None
    found.size = newest.size
    wanted = [newest, *_earlier(remembered, key, found)]
    _strays(folder, newest.size, found)
    _grow(folder, {one.size: one for one in reversed(wanted)}, found)
    if len(wanted) > 1 and wanted[1].size == newest.size and wanted[1].root != newest.root:
        found.add("journal_checkpoint", "remembered", "altered", "two signed trees of one size differ")
    found.findings = sorted(set(found.findings))
    return found


def _earlier(remembered: str | None, key: str, found: Verified) -> list[Checkpoint]:
    if remembered is None:
        return []
    try:
        earlier = open_checkpoint(remembered, key)
    except BadNote as bad:
        found.add("journal_checkpoint", "remembered", "altered", str(bad))
        return []
    if earlier.size > found.size:
        found.add("journal_leaf", found.size, "missing", f"a tree of {earlier.size} leaves was signed")
        return []
    return [earlier]


def _strays(folder: Path, size: int, found: Verified) -> None:
    """Files that the tree of this size does not have."""
    expected = {tile_path(*one) for one in tiles_of(size)}
    expected |= {tile_path(ENTRIES, index, width) for level, index, width in tiles_of(size) if level == 0}
    for path in (folder / TILE).rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in expected:
            found.add(TILE, name, "added", "the tree has no such tile")


def _grow(folder: Path, expected: dict[int, Checkpoint], found: Verified) -> None:
    """Grow the tree from the leaves, and compare every tile and every signed root on the way."""
    tree, nodes = Frontier(), dict[int, list[bytes]]()
    for level, index, width in tiles_of(found.size):
        if level == 0:
            hashes = _leaves(folder, index, width, found)
            if hashes is None:
                return
            _roots(tree, hashes, expected, found)
            for of_level, completed in tree.append(hashes).items():
                if of_level % HEIGHT == 0:
                    nodes.setdefault(of_level // HEIGHT, []).extend(completed)
        _tile(folder, tile_path(level, index, width), nodes[level][index * WIDTH :][:width], found)
    checkpoint = expected[found.size]
    if tree.root() != checkpoint.root:
        found.add("journal_leaf", f"0..{found.size - 1}", "altered", "the signed root is another")


def _roots(tree: Frontier, hashes: list[bytes], expected: dict[int, Checkpoint], found: Verified) -> None:
    """Compare a root that was signed in the middle of these leaves."""
    for size, checkpoint in expected.items():
        if tree.size < size <= tree.size + len(hashes) and size < found.size:
            earlier = Frontier.of(tree.size, tree.complete)
            earlier.append(hashes[: size - tree.size])
            if earlier.root() != checkpoint.root:
                found.add("journal_checkpoint", "remembered", "altered", "this journal does not continue it")


def _leaves(folder: Path, index: int, width: int, found: Verified) -> list[bytes] | None:
    """The hashes of the leaves of a bundle; None when it does not hold so many."""
    name = tile_path(ENTRIES, index, width)
    content = _content(folder, name, found)
    try:
        leaves = leaves_of(content or b"")
    except ValueError:
        leaves = []
    if len(leaves) == width:
        return [leaf_hash(leaf) for leaf in leaves]
    if content is not None:
        found.add(TILE, name, UNREADABLE, "the bundle does not hold its leaves")
    return None


def _tile(folder: Path, name: str, nodes: list[bytes], found: Verified) -> None:
    content = _content(folder, name, found)
    if content is None or content == b"".join(nodes):
        return
    held = [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
    differ = [place for place, node in enumerate(nodes) if held[place : place + 1] != [node]]
    which = (
        f"{len(differ)} of its hashes, the first at {differ[0]}, are"
        if differ
        else "what follows its hashes is"
    )
    found.add(TILE, name, "altered", f"{which} not what the leaves lead to")


def _content(folder: Path, name: str, found: Verified) -> bytes | None:
    try:
        return (folder / name).read_bytes()
    except OSError:
        found.add(TILE, name, "missing", "the tree has this tile")
        return None
