"""The journal watched from outside the database: the newest signed checkpoint lies in a file, and whatever
database stands there must continue it.

A database that was restored, or exchanged, to an earlier state looks whole from within: every row, every
canary is there, and what was acknowledged later is not. The file knows better. Until the journal is shown to
continue it, nothing is answered (RFC 9162 section 2.1.4: a tree continues an earlier one if its first leaves
have that one's root).
"""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.crypto.notes import BadNote, Checkpoint, open_checkpoint
from app.domain.refusals import UnavailableError
from app.storage.database import Database
from app.storage.journal import BrokenJournalError, newest_checkpoint, stored_tree
from app.storage.units import ReadUnit
from app.usecases.read_journal import journal_key

UNREAD = "the journal has not been read yet"


@dataclass(slots=True)
class JournalWatch:
    """`place` is the file, `key` the journal's own. `wrong` is None as long as the journal continues what was
    seen of it, and otherwise says in a sentence why nothing may be answered."""

    database: Database
    key: bytes = field(repr=False)
    place: Path
    wrong: str | None = UNREAD
    _known: tuple[str | None, str | None] = (None, None)

    @property
    def proven(self) -> bool:
        """Whether anything may be answered."""
        return self.wrong is None

    async def look(self) -> str | None:
        """Compare file and journal, and bring the file up to date; what is wrong. While the database cannot
        be reached, what was found before stands: other checks tell of that. OSError when the file cannot be
        written; what was found stands then too."""
        try:
            # The file first: a worker that is ahead of this one must not look like a journal that went back.
            kept = read_note(self.place)
            # A file that is gone takes nothing back of what this process has seen.
            seen = self._known[0] if kept is None else kept
            async with self.database.read() as unit:
                tip = await newest_checkpoint(unit)
                note = None if tip is None else str(tip.note)
                if (seen, note) != self._known or self.wrong is not None:
                    self.wrong = await _compare(unit, self.key, seen, tip)
        except BrokenJournalError:
            self.wrong = "the stored tree does not fit together"
            return self.wrong
        except UnavailableError:
            return self.wrong
        if self.wrong is None and note is not None and note != kept:
            await asyncio.get_running_loop().run_in_executor(None, write_note, self.place, note)
            seen = note
        self._known = (seen, note)
        return self.wrong

    async def accept(self) -> None:
        """Take the journal as it is for the one to be continued: what it lost is given up, by a decision of
        the operator's. Whoever kept a checkpoint of their own will go on seeing it."""
        async with self.database.read() as unit:
            tip = await newest_checkpoint(unit)
            wrong = await _compare(unit, self.key, None, tip)
        if wrong is not None or tip is None:
            self.wrong = wrong or "there is no journal"
            return
        write_note(self.place, str(tip.note))
        self.wrong = None


def read_note(place: Path) -> str | None:
    """The checkpoint that was seen last, as a signed note; None before the first."""
    try:
        return place.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        return ""


def write_note(place: Path, note: str) -> None:
    """Put a checkpoint where the next start looks for it: whole on the disk, or the one before."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = place.with_name(f"{place.name}.{os.getpid()}")
    with making.open("w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    making.replace(place)


async def _compare(unit: ReadUnit, key: bytes, seen: str | None, tip: Any) -> str | None:
    verifier = await journal_key(unit, key)
    try:
        now = None if tip is None else open_checkpoint(tip.note, verifier)
    except BadNote:
        return "the newest checkpoint of the journal is not signed with its key"
    try:
        earlier = None if seen is None else open_checkpoint(seen, verifier)
    except BadNote:
        return "the checkpoint that was kept outside the database is not of this journal"
    return await _continued(unit, earlier, now)


async def _continued(unit: ReadUnit, earlier: Checkpoint | None, now: Checkpoint | None) -> str | None:
    size = now.size if now else 0
    if earlier is not None and size < earlier.size:
        return (
            f"the journal was rolled back: it has {size} leaves, and the checkpoint that was kept outside "
            f"the database {earlier.size}; {earlier.size - size} events are missing"
        )
    if now is not None and (await stored_tree(unit, now.size)).root() != now.root:
        return "the stored tree is not the one that was signed"
    if earlier is not None and (await stored_tree(unit, earlier.size)).root() != earlier.root:
        return "the journal went another way: its first leaves are not those of the checkpoint that was kept"
    return None
