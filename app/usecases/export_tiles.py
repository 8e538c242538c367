"""The journal as the static files of C2SP tlog-tiles: leaves, tree, checkpoint, and nothing of the register.

Whoever has them can prove any leaf and follow the journal with any client that knows the format. They hold
what the journal's own routes say: ids, kinds and times of events, pseudonyms, commitments.
"""

from collections.abc import Sequence
from pathlib import Path

from app.crypto.notes import verifier_key
from app.domain.merkle import Frontier
from app.domain.refusals import OperatorError
from app.domain.tiles import ENTRIES, HEIGHT, WIDTH, bundle_of, tile_path
from app.storage.database import Database
from app.storage.journal import newest_checkpoint
from app.storage.journal_rows import all_leaves
from app.usecases.export_journal import NoJournalError, prepare, private


class _Tiles:
    """Writes each tile as soon as it is full."""

    def __init__(self, folder: Path) -> None:
        self.tree, self._folder = Frontier(), folder
        self._waiting: dict[int, list[bytes]] = {}
        self._written: dict[int, int] = {}

    def bundle(self, leaves: Sequence[bytes], hashes: Sequence[bytes]) -> None:
        """The leaves of one tile of level 0."""
        path = tile_path(ENTRIES, self.tree.size // WIDTH, len(leaves))
        try:
            self._file(path, bundle_of(leaves))
        except ValueError as long:
            raise OperatorError(str(long)) from None
        for level, completed in self.tree.append(hashes).items():
            if level % HEIGHT == 0:
                self._waiting.setdefault(level // HEIGHT, []).extend(completed)
        for level, nodes in self._waiting.items():
            if len(nodes) == WIDTH:
                self._tile(level, nodes)

    def finish(self) -> None:
        """What is left are the partial tiles."""
        for level, nodes in self._waiting.items():
            if nodes:
                self._tile(level, nodes)

    def _tile(self, level: int, nodes: list[bytes]) -> None:
        index = self._written.get(level, 0)
        self._file(tile_path(level, index, len(nodes)), b"".join(nodes))
        self._written[level] = index + 1
        nodes.clear()

    def _file(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)


async def export_tiles(database: Database, key: bytes, folder: Path) -> int:
    """Write the tree of the newest checkpoint into an empty folder; the number of leaves."""
    prepare(folder)
    async with database.whole() as unit:
        tip = await newest_checkpoint(unit)
        if tip is None:
            raise NoJournalError("there is no checkpoint yet")
        tiles, leaves, hashes = _Tiles(folder), list[bytes](), list[bytes]()
        async for row in all_leaves(unit):
            if row.position is None or row.position >= tip.size:
                break
            leaves.append(row.leaf)
            hashes.append(row.hash)
            if len(leaves) == WIDTH:
                tiles.bundle(leaves, hashes)
                leaves, hashes = [], []
        if leaves:
            tiles.bundle(leaves, hashes)
        tiles.finish()
    with private(folder / "checkpoint") as file:
        file.write(tip.note)
    with private(folder / "vkey") as file:
        file.write(verifier_key(key, tip.note.partition("\n")[0]) + "\n")
    return tiles.tree.size
