"""The registry looks at its own journal: a quick check for a person, and no proof to anybody else.

Whoever does not trust the registry verifies an export, or follows the journal from outside (docs/guides).
"""

from dataclasses import dataclass
from typing import Any, Final

from app.crypto.notes import BadNote, open_checkpoint
from app.domain.merkle import leaf_hash
from app.domain.refusals import UnavailableError
from app.storage.journal import leaves_between, newest_checkpoint, stored_tree
from app.storage.units import ReadUnit
from app.usecases.read_journal import journal_key

LATEST: Final = 1000
"""So many of the newest leaves are hashed again."""


@dataclass(frozen=True, slots=True)
class JournalCheck:
    """What was found: each True, or False where something does not fit."""

    size: int
    signature: bool
    tree: bool
    leaves: bool

    @property
    def whole(self) -> bool:
        return self.signature and self.tree and self.leaves


async def read_tip(unit: ReadUnit, key: bytes) -> tuple[Any, str]:
    """The newest checkpoint (size, root, at, note; None before the first) and the key that verifies it."""
    return await newest_checkpoint(unit), await journal_key(unit, key)


async def check_journal(unit: ReadUnit, key: bytes) -> JournalCheck:
    """The signature of the newest checkpoint, its root from the stored tree, and the newest leaves."""
    tip, vkey = await read_tip(unit, key)
    if tip is None:
        return JournalCheck(0, signature=True, tree=True, leaves=True)
    try:
        signed = open_checkpoint(tip.note, vkey)
        signature = (signed.size, signed.root) == (tip.size, bytes(tip.root))
    except BadNote:
        signature = False
    try:
        tree = (await stored_tree(unit, tip.size)).root() == bytes(tip.root)
    except UnavailableError:
        tree = False
    first = max(tip.size - LATEST, 0)
    rows = await leaves_between(unit, first, tip.size)
    leaves = [row.position for row in rows] == list(range(first, tip.size)) and all(
        leaf_hash(bytes(row.leaf)) == bytes(row.hash) for row in rows
    )
    return JournalCheck(tip.size, signature=signature, tree=tree, leaves=leaves)
