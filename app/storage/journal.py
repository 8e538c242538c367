"""The journal's statements: finding what is not in it yet, adding leaves, reading the tree back.

Positions are given by one sequencer under an advisory lock, to events that are committed; neither the order
of ids nor that of commits is relied on. The primary key of the positions and the unique event would refuse
a second sequencer even without the lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from app.domain.merkle import Frontier, complete_subtrees, joined_root, node_hash
from app.domain.refusals import UnavailableError
from app.storage.journal_tables import JOURNAL_CHECKPOINT, JOURNAL_LEAF, JOURNAL_NODE, JOURNAL_OPENING
from app.storage.units import ReadUnit, Rows, WriteUnit

_STEP: Final = 8
"""Of the tree's levels every eighth is kept: a row for 256 of the level below."""

_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(7240)")
_TIP = text("SELECT size, root, at, note FROM registry.journal_checkpoint ORDER BY size DESC LIMIT 1")
_WAITING = text("""
SELECT e.id, e.at, e.kind FROM registry.event e
WHERE e.id > :after AND e.id < :before
  AND NOT EXISTS (SELECT FROM registry.journal_leaf l WHERE l.event_id = e.id)
ORDER BY e.id LIMIT :limit
""")
_SLICE = text("""
SELECT e.id FROM registry.event e WHERE e.id > :after AND e.id < :before ORDER BY e.id OFFSET :most LIMIT 1
""")
_LEAVES = text("""
SELECT position, event_id, leaf, hash FROM registry.journal_leaf
WHERE position >= :first AND position < :end ORDER BY position
""")
_LEAF_HASHES = text("""
SELECT hash FROM registry.journal_leaf WHERE position >= :first AND position < :end ORDER BY position
""")
_NODES = text("""
SELECT hash FROM registry.journal_node
WHERE level = :level AND position >= :first AND position < :end ORDER BY position
""")
_REGISTRY = text("SELECT p.id FROM registry.party p WHERE p.kind = 'registry'")


class BrokenJournalError(UnavailableError):
    """The stored tree does not fit together. Nothing is added to it, and nothing proven from it."""


@dataclass(frozen=True, slots=True)
class NewLeaf:
    """A leaf and what opens it."""

    event_id: UUID
    leaf: bytes
    hash: bytes
    salt: bytes
    digests: bytes


async def try_lock(unit: WriteUnit) -> bool:
    """Be the one sequencer until the commit; False when somebody else is."""
    row = await unit.row(_TRY_LOCK)
    return bool(row and row[0])


async def registry_id(unit: ReadUnit) -> UUID:
    """The registry's own party: its journal is named after it, wherever it moves to."""
    row = await unit.row(_REGISTRY)
    if row is None:
        raise BrokenJournalError
    found: UUID = row.id
    return found


async def newest_checkpoint(unit: ReadUnit) -> Any:
    """The checkpoint of the largest tree, or None before there is one."""
    return await unit.row(_TIP)


async def waiting_events(unit: ReadUnit, after: UUID, before: UUID, limit: int) -> Rows:
    """Committed events between two ids that are not in the journal, in the order of their ids."""
    return await unit.rows(_WAITING, {"after": after, "before": before, "limit": limit})


async def slice_end(unit: ReadUnit, after: UUID, before: UUID, most: int) -> UUID:
    """The id that ends a slice of at most so many events after an id; `before` when they are fewer."""
    row = await unit.row(_SLICE, {"after": after, "before": before, "most": most})
    return row.id if row else before


async def leaves_between(unit: ReadUnit, first: int, end: int) -> Rows:
    """The leaves from one position to before another."""
    return await unit.rows(_LEAVES, {"first": first, "end": end})


async def add_leaves(unit: WriteUnit, size: int, leaves: Sequence[NewLeaf]) -> None:
    """Append leaves to a tree of this size, and the nodes that become complete by them."""
    rows = [
        {"position": size + place, "event_id": one.event_id, "leaf": one.leaf, "hash": one.hash}
        for place, one in enumerate(leaves)
    ]
    openings = [{"event_id": one.event_id, "salt": one.salt, "rows": one.digests} for one in leaves]
    await unit.insert(JOURNAL_LEAF, rows)
    await unit.insert(JOURNAL_OPENING, openings)
    level, grown = _STEP, size + len(leaves)
    while grown >> level:
        first, end = size >> level, grown >> level
        below = await _stored(unit, level - _STEP, first << _STEP, end << _STEP)
        nodes = [
            {"level": level, "position": first + at, "hash": _root(below[at << _STEP : (at + 1) << _STEP])}
            for at in range(end - first)
        ]
        await unit.insert(JOURNAL_NODE, nodes)
        level += _STEP


async def add_checkpoint(unit: WriteUnit, size: int, root: bytes, at: datetime, note: str) -> None:
    """Keep what was signed."""
    values = {"size": size, "root": root, "at": at, "note": note}
    await unit.insert(JOURNAL_CHECKPOINT, [values])


async def stored_tree(unit: ReadUnit, size: int) -> Frontier:
    """The tree of the first so many leaves, from the rows that are kept of it."""
    return Frontier.of(size, [await _node(unit, *place) for place in complete_subtrees(0, size)])


async def roots_of_ranges(unit: ReadUnit, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """The root over the leaves of each range (first, end)."""
    return [
        joined_root([await _node(unit, *place) for place in complete_subtrees(first, end)])
        for first, end in ranges
    ]


async def _node(unit: ReadUnit, level: int, index: int) -> bytes:
    """The root of a complete subtree; at most 128 rows are read for it."""
    kept = level - level % _STEP
    width = level - kept
    return _root(await _stored(unit, kept, index << width, (index + 1) << width))


async def _stored(unit: ReadUnit, level: int, first: int, end: int) -> list[bytes]:
    place = {"first": first, "end": end}
    rows = (
        await unit.rows(_NODES, place | {"level": level}) if level else await unit.rows(_LEAF_HASHES, place)
    )
    if len(rows) != end - first:
        raise BrokenJournalError
    return [row.hash for row in rows]


def _root(hashes: list[bytes]) -> bytes:
    """The root over neighbours of one level, whose number is a power of two."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]
