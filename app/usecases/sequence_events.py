"""Putting committed events in order: each becomes a leaf, and each round ends with a signed checkpoint.

Which events wait is asked by their ids (UUIDs of version 7), in three nets. Every round looks at the last ten
seconds; every five seconds one looks at the last quarter of an hour, because a transaction may commit long
after its id was made; and the first round and one in each hour look at all events there are, in slices.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.crypto.journal_leaves import (
    SALT_BYTES,
    JournalledEvent,
    canonical,
    commitment,
    digests_of,
    leaf_of,
)
from app.crypto.notes import Checkpoint, sign_checkpoint
from app.domain.ids import uuid7
from app.domain.merkle import Frontier, leaf_hash
from app.storage.database import Database
from app.storage.journal import (
    BrokenJournalError,
    NewLeaf,
    add_checkpoint,
    add_leaves,
    newest_checkpoint,
    slice_end,
    stored_tree,
    try_lock,
    waiting_events,
)
from app.storage.journal_rows import declare_everybody, written_by
from app.storage.units import Rows, WriteUnit
from app.usecases.read_journal import journal_name

LARGEST: Final = 1000
"""Events in a round."""

NEAR: Final = timedelta(seconds=10)
WIDE: Final = timedelta(minutes=15)
WIDE_EVERY: Final = 5.0
ALL_EVERY: Final = 3600.0

_FIRST: Final = UUID(int=0)
_LAST: Final = UUID(int=2**128 - 1)
_SLICE: Final = 50_000
_AT_A_STRETCH: Final = 20
"""Leaves that are hashed before a lookup that waits in this process gets its turn."""


@dataclass(slots=True)
class Sequencer:
    """One worker's sequencer. What it remembers only saves work: the database decides, in every round."""

    database: Database
    key: bytes = field(repr=False)
    tree: Frontier | None = None
    origin: str | None = None
    looked_wide: float = float("-inf")
    looked_at_all: float = float("-inf")
    limit: int = LARGEST
    """Events in a round: fewer after one that failed, as an event may have written very many rows."""
    after: UUID | None = _FIRST
    """Where looking at all events goes on; None while nobody does."""

    async def round(self) -> int | None:
        """Append what waits and sign the tree. The number of new leaves; None if somebody else is at it."""
        looked = self.looked_wide, self.looked_at_all, self.after
        try:
            return await self._append_waiting()
        except BaseException:
            # What was found did not come into the journal: it is looked for again, and as widely.
            self.looked_wide, self.looked_at_all, self.after = looked
            raise

    async def _append_waiting(self) -> int | None:
        async with self.database.sequence() as unit:
            if not await try_lock(unit):
                return None
            taken, self.limit = self.limit, max(1, self.limit // 4)
            tree, self.tree = await _tree(unit, self.tree), None
            origin = self.origin = self.origin or await journal_name(unit)
            events = await self._waiting(unit, taken)
            if events:
                await _append(unit, tree, events, (self.key, origin))
        self.tree, self.limit = tree, min(LARGEST, taken * 2)
        return len(events)

    async def _waiting(self, unit: WriteUnit, limit: int) -> Rows:
        """The events of this round, from the widest net that is due."""
        now, clock = datetime.now(UTC), time.monotonic()
        if self.after is None and clock - self.looked_at_all > ALL_EVERY:
            self.after = _FIRST
        if self.after is not None:
            return await self._of_all(unit, self.after, limit)
        wide = clock - self.looked_wide > WIDE_EVERY
        found = await waiting_events(unit, _id_at(now - (WIDE if wide else NEAR)), _LAST, limit)
        if wide and len(found) < limit:
            self.looked_wide = clock
        return found

    async def _of_all(self, unit: WriteUnit, after: UUID, limit: int) -> Rows:
        end = await slice_end(unit, after, _LAST, _SLICE)
        found = await waiting_events(unit, after, end, limit)
        if len(found) < limit:
            if end == _LAST:
                self.after, self.looked_at_all = None, time.monotonic()
            else:
                self.after = UUID(int=end.int - 1)
        return found


def _id_at(moment: datetime) -> UUID:
    """Below every id of this moment or later."""
    return uuid7(moment, bytes(10))


async def _tree(unit: WriteUnit, remembered: Frontier | None) -> Frontier:
    """The tree as it is, from memory if nobody else has added to it. It must be the one that was signed, and
    no smaller than it was: a database that went back is not added to."""
    tip = await newest_checkpoint(unit)
    size, root = (tip.size, tip.root) if tip else (0, Frontier().root())
    if remembered and remembered.size > size:
        raise BrokenJournalError
    tree = remembered if remembered and remembered.size == size else await stored_tree(unit, size)
    if tree.root() != root:
        raise BrokenJournalError
    return tree


async def _append(unit: WriteUnit, tree: Frontier, events: Rows, signer: tuple[bytes, str]) -> None:
    key, origin = signer
    await declare_everybody(unit)
    written = await written_by(unit, [event.id for event in events])
    pseudonyms: dict[int, str] = {}
    leaves: list[NewLeaf] = []
    for event in events:
        leaves.append(_leaf(unit, pseudonyms, event, written[event.id]))
        if len(leaves) % _AT_A_STRETCH == 0:
            await asyncio.sleep(0)
    await add_leaves(unit, tree.size, leaves)
    tree.append([leaf.hash for leaf in leaves])
    note = sign_checkpoint(key, Checkpoint(origin, tree.size, tree.root()))
    await add_checkpoint(unit, tree.size, tree.root(), datetime.now(UTC), note)


def _leaf(
    unit: WriteUnit, pseudonyms: dict[int, str], event: Any, written: Sequence[tuple[str, str]]
) -> NewLeaf:
    rows = [(table, json.loads(text)) for table, text in written]
    concerned = {row["controller_no"] for _, row in rows if row.get("controller_no") is not None}
    for number in concerned - pseudonyms.keys():
        pseudonyms[number] = _pseudonym(unit, number)
    salt = secrets.token_bytes(SALT_BYTES)
    digests = canonical(digests_of(salt, rows))
    names = tuple(sorted(pseudonyms[number] for number in concerned))
    leaf = leaf_of(JournalledEvent(event.id, event.kind, event.at, names), commitment(salt, digests))
    return NewLeaf(event.id, leaf, leaf_hash(leaf), salt, digests)


def _pseudonym(unit: WriteUnit, controller_no: int) -> str:
    """A name for a controller that says nothing without the fingerprint key."""
    return unit.instruments.fingerprints.text("subject", f"journal controller {controller_no}").hex
