"""An admin imports the list of a national register: all of it in one transaction, or nothing.

The list flows through: some thousand lines at a time are read, become fingerprints on a thread of their own,
and are loaded. No number is kept, in memory or on disk. The same file for the same date is the same snapshot.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.crypto.fingerprints import Fingerprinter
from app.domain.refusals import Refusal, RefusedError
from app.domain.register_list import (
    TOLD,
    Batch,
    Layout,
    RegisterList,
    Snapshot,
    UnreadableListError,
    header_layout,
    plain_layout,
    read_lines,
)
from app.registers import LISTS
from app.storage.events import Event, record_events
from app.storage.registers import add_register_entries, close_snapshot, open_snapshot, same_snapshot
from app.storage.units import WriteUnit
from app.usecases.act import Act

IMPORTED = "register.imported"

_BLOCK: Final = 256 * 1024
_LONGEST_LINE: Final = 4096
_BOM: Final = b"\xef\xbb\xbf"


class ImportRunningError(Exception):
    """Another list is being loaded; one at a time."""


class KnownSnapshotError(Exception):
    """The very same list was imported before: what was loaded now is to be rolled back."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__("imported before")
        self.snapshot = snapshot


@dataclass(frozen=True, slots=True)
class NewList:
    """What is sent: the register, the date of the list's version, its lines, and how it is laid out: plain,
    one value on each line; or a CSV, with what the columns of some fields are called."""

    code: str
    version_date: date
    content: AsyncIterable[bytes]
    plain: bool
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, repr=False)
class _Reading:
    """One list being read: the next line, the layout once it is known, and what was found so far."""

    wanted: RegisterList
    columns: Mapping[str, str]
    today: date
    fingerprints: Fingerprinter
    line: int = 1
    layout: Layout | None = None
    rows: int = 0
    types: set[str] = field(default_factory=set)
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    unreadable_total: int = 0

    def read(self, block: bytes) -> tuple[Batch, dict[str, bytes]]:
        """The identifiers of a block, and their fingerprints by type: none once a line was unreadable."""
        first = self.line
        lines, broken = _decoded(block.removeprefix(_BOM) if first == 1 else block, first)
        self.line += len(lines)
        if self.layout is None:
            self.layout = header_layout(self.wanted, lines[0].rstrip("\r"), self.columns)
            lines, first = lines[1:], first + 1
        batch = read_lines(self.wanted, self.layout, lines, first, self.today)
        self._note(batch, sorted([*batch.unreadable, *broken]))
        if self.unreadable_total:
            return batch, {}
        return batch, {kind: self.fingerprints.texts(kind, texts) for kind, texts in batch.texts.items()}

    def _note(self, batch: Batch, unreadable: list[tuple[int, str]]) -> None:
        self.rows += batch.rows
        self.types |= batch.texts.keys()
        self.unreadable += unreadable[: TOLD - len(self.unreadable)]
        self.unreadable_total += len(unreadable)

    def refuse_unreadable(self) -> None:
        """Raises UnreadableListError if any line was, or if there is no row at all."""
        if self.unreadable_total:
            raise UnreadableListError(self.unreadable, self.unreadable_total)
        if not self.rows:
            raise UnreadableListError([(self.line, "NO_ROWS")], 1)


def known_register(code: str) -> RegisterList:
    """Raises RefusedError NOT_FOUND for a code without a register."""
    if code not in LISTS:
        raise RefusedError(Refusal.NOT_FOUND)
    return LISTS[code]


async def import_register(unit: WriteUnit, act: Act, new: NewList) -> Snapshot:
    """Load a list. Raises RefusedError, UnreadableListError, ImportRunningError, KnownSnapshotError; whatever
    is raised, the unit must be rolled back."""
    wanted = known_register(new.code)
    _check_date(wanted, new.version_date, act.now.date())
    id_, digest = act.new_id(), hashlib.sha256()
    number = await open_snapshot(unit, id_, new.code, new.version_date, act.event_id)
    if number is None:
        raise ImportRunningError
    reading = _Reading(wanted, new.columns, act.now.date(), unit.instruments.fingerprints)
    if new.plain:
        reading.layout = plain_layout(wanted)
    async for block in _blocks(new.content, digest.update):
        await _load(unit, number, reading, block)
    reading.refuse_unreadable()
    if known := await same_snapshot(unit, new.code, new.version_date, digest.digest()):
        raise KnownSnapshotError(known)
    types = tuple(sorted(reading.types))
    await close_snapshot(unit, number, id_, reading.rows, types, digest.digest(), act.now)
    told = {"register": new.code, "version_date": new.version_date.isoformat(), "rows": reading.rows}
    done = Event(
        act.event_id, act.now, IMPORTED, act.caller, id_, request_digest=digest.digest(), detail=told
    )
    await record_events(unit, [done])
    return Snapshot(number, id_, new.code, new.version_date, reading.rows, types, act.now, act.event_id)


def _check_date(wanted: RegisterList, version_date: date, today: date) -> None:
    if version_date > today:
        raise RefusedError(Refusal.INVALID_TIME, "The version date lies in the future.")
    if wanted.ended is not None and version_date >= wanted.ended:
        raise RefusedError(Refusal.INVALID_TIME, "The register had ended by that date.")


async def _load(unit: WriteUnit, number: int, reading: _Reading, block: bytes) -> None:
    """One block of whole lines. After the first line that cannot be read nothing more is loaded."""
    batch, digests = await asyncio.to_thread(reading.read, block)
    for type_code, joined in digests.items():
        await add_register_entries(unit, number, joined, batch.lines[type_code], batch.flags[type_code])


def _decoded(block: bytes, first: int) -> tuple[list[str], list[tuple[int, str]]]:
    """The lines as text, empty where it is not UTF-8 or far too long, and which those are."""
    lines = block.removesuffix(b"\n").split(b"\n")
    broken = [(n, "TOO_LONG") for n, line in enumerate(lines, first) if len(line) > _LONGEST_LINE]
    if not broken:
        try:
            return block.decode().removesuffix("\n").split("\n"), []
        except UnicodeDecodeError:
            pass
    texts = [line.decode(errors="replace") if len(line) <= _LONGEST_LINE else "" for line in lines]
    broken += [(n, "ENCODING") for n, line in enumerate(texts, first) if "\ufffd" in line]
    wrong = {n for n, _ in broken}
    return ["" if n in wrong else line for n, line in enumerate(texts, first)], broken


async def _blocks(content: AsyncIterable[bytes], seen: Callable[[bytes], None]) -> AsyncIterator[bytes]:
    """The list in blocks of whole lines. A line without an end is cut, and is then too long to be read."""
    held = bytearray()
    async for chunk in content:
        seen(chunk)
        held += chunk
        if len(held) < _BLOCK:
            continue
        end = held.rfind(b"\n") + 1 or len(held)
        yield bytes(held[:end])
        del held[:end]
    if held:
        yield bytes(held)
