"""A list of any length, washed some thousand rows at a time: each chunk is one lookup, in order, and the
whole has one summary. Nothing of the list is kept (GDPR Art. 5(1)(c))."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import compress
from operator import add
from typing import Any, Final

from app.domain.decision import Answer, Decision
from app.domain.line_rows import LineRows
from app.domain.parties import Caller
from app.domain.recipient_lists import RecipientList
from app.domain.recipient_rows import (
    LONGEST_ROW,
    Rows,
    UnreadableListError,
    answered,
    decoded,
    encoded,
)
from app.domain.refusals import UnavailableError
from app.storage.database import Database
from app.storage.versions import AsOf
from app.usecases.asked_identifiers import read_asked
from app.usecases.commit_list import commit_part
from app.usecases.commit_rows import RowTree
from app.usecases.consult_registers import UsedSnapshot
from app.usecases.identify_caller import identify_caller
from app.usecases.look_up import Found, LookupCommand, look_up, look_up_without_facts
from app.usecases.sign_receipt import rfc3339

CHUNK_ROWS: Final = 20_000
"""The most rows of one lookup: many enough that its statements weigh little, few enough that nobody waits."""

_FIRST_BLOCK: Final = 64 * 1024
_LARGEST_BLOCK: Final = 4 * 1024 * 1024
_SEEN_ANEW: Final = timedelta(seconds=5)


class CallerRevokedError(Exception):
    """The credential was revoked while its list was being washed."""


@dataclass(slots=True)
class Tally:
    """What a whole list has come to so far: counts, the lowest position, the earliest end of validity."""

    asked: int = 0
    blocked: int = 0
    invalid: int = 0
    as_of: AsOf | None = None
    decided_at: datetime | None = None
    valid_until: datetime | None = None
    controller_no: int | None = None
    registers: tuple[UsedSnapshot, ...] = ()

    def add(self, found: Found) -> None:
        """One more chunk. If any was answered without facts, the whole has no position."""
        first = self.decided_at is None
        self.as_of = found.as_of if first else _lower(self.as_of, found.as_of)
        self.decided_at = self.decided_at or found.decided_at
        self.valid_until = min(self.valid_until or found.valid_until, found.valid_until)
        self.controller_no = found.controller_no
        self.registers += tuple(one for one in found.registers if one not in self.registers)
        self.asked += found.count
        self.blocked += found.blocked
        self.invalid += found.unreadable

    def told(self) -> dict[str, Any]:
        """As a summary says it."""
        counts = {"asked": self.asked, "allow": self.asked - self.blocked, "block": self.blocked}
        return {
            "decided_at": rfc3339(self.decided_at) if self.decided_at else None,
            "as_of": str(self.as_of) if self.as_of else None,
            "valid_until": rfc3339(self.valid_until) if self.valid_until else None,
            "registers": [one.told() for one in self.registers],
            "counts": {**counts, "invalid": self.invalid},
        }


def _lower(one: AsOf | None, other: AsOf | None) -> AsOf | None:
    if one is None or other is None:
        return None
    return AsOf(min(one.controller, other.controller), min(one.everybody, other.everybody))


@dataclass(frozen=True, slots=True, repr=False)
class Answered:
    """Some rows and the answers to them."""

    rows: Rows | LineRows
    found: Found

    def tails(self, form: RecipientList) -> list[str]:
        """What is put behind each row. Rows with the same answer share one piece of text."""
        usual = self.found.usual
        tails = [form.tail(usual.answer.value, usual.code)] * len(self.rows)
        for index, one in self.found.special.items():
            tails[index] = form.tail(one.answer.value, one.code)
        return tails

    def spoken(self, form: RecipientList) -> bytes:
        """The rows as they are answered."""
        if isinstance(self.rows, LineRows):
            return b"".join(piece for _, piece in self.pieces(self.rows, form))
        return encoded(answered(self.rows, self.tails(form)))

    def pieces(self, rows: LineRows, form: RecipientList) -> Iterator[tuple[int | None, bytes]]:
        """The rows as they are answered, in runs: see LineRows."""
        special = {index: self._tail(one, form) for index, one in self.found.special.items()}
        return rows.spoken(self._tail(self.found.usual, form), special)

    @staticmethod
    def _tail(decision: Decision, form: RecipientList) -> bytes:
        return encoded(form.tail(decision.answer.value, decision.code))


def each_result(part: Answered, form: RecipientList, only: Collection[int] | None = None) -> dict[str, bytes]:
    """The rows as they are answered, and those of them that are allowed, blocked, and could not be read; all
    of them, or `only` some."""
    if only is None and isinstance(part.rows, LineRows):
        return _in_runs(part, part.rows, form)
    lines = list(map(add, part.rows.heads, part.tails(form)))
    usual = _result_of(part.found.usual)
    places = {name: bytearray(len(lines)) for name in ("allowed", "blocked", "rejected")}
    places[usual] = bytearray(b"\1") * len(lines)
    for index, one in part.found.special.items():
        places[usual][index] = 0
        places[_result_of(one)][index] = 1
    places["annotated"] = bytearray(b"\1") * len(lines)
    if only is not None:
        chosen = bytearray(len(lines))
        for index in only:
            chosen[index] = 1
        lines = list(compress(lines, chosen))
        places = {name: bytearray(compress(place, chosen)) for name, place in places.items()}
    return {name: encoded("".join(compress(lines, place))) for name, place in places.items()}


def _in_runs(part: Answered, rows: LineRows, form: RecipientList) -> dict[str, bytes]:
    """The same of rows that are answered in runs."""
    results: dict[str, list[bytes]] = {name: [] for name in ("annotated", "allowed", "blocked", "rejected")}
    usual = results[_result_of(part.found.usual)]
    for index, piece in part.pieces(rows, form):
        results["annotated"].append(piece)
        mine = usual if index is None else results[_result_of(part.found.special[index])]
        mine.append(piece)
    return {name: b"".join(pieces) for name, pieces in results.items()}


def _result_of(one: Decision) -> str:
    if one.code == "INPUT_INVALID":
        return "rejected"
    return "allowed" if one.answer is Answer.ALLOW else "blocked"


@dataclass(slots=True, repr=False)
class Washing:
    """One list in the course of being washed."""

    database: Database
    caller: Caller
    command: LookupCommand
    form: RecipientList
    tally: Tally = field(default_factory=Tally)
    tree: RowTree | None = None
    block_bytes: int = _FIRST_BLOCK
    waited: float = 0.0
    """Seconds that the request has waited for the database before its first answer."""
    _rest: bytes = b""
    _seen: datetime | None = None

    @property
    def held(self) -> int:
        """Bytes of a row whose end has not come yet."""
        return len(self._rest)

    async def wash(self, block: bytes, *, last: bool) -> AsyncIterator[Answered]:
        """Answer a block of whole lines. Raises UnreadableListError, RefusedError, UnavailableError,
        CallerRevokedError: the rows answered before stand, and no more will come."""
        rows = await asyncio.to_thread(self._read, block, last=last)
        for part in rows.parts(CHUNK_ROWS):
            yield Answered(part, await self._ask(part))
        if last and self.tally.decided_at is None:
            # An empty list is asked about too: whoever may not ask learns it, and there is a position.
            await self._ask(Rows([], []))

    def _read(self, block: bytes, *, last: bool) -> Rows | LineRows:
        rows: Rows | LineRows | None = None if self._rest else self.form.lines(block)
        if rows is None:
            rows, rest = self.form.read(decoded(self._rest + block), last=last)
            self._rest = encoded(rest)
        if len(rows):
            wanted = CHUNK_ROWS * (len(block) // len(rows) + 1)
            self.block_bytes = min(max(_FIRST_BLOCK, wanted), _LARGEST_BLOCK)
        return rows

    async def _ask(self, rows: Rows | LineRows) -> Found:
        now = datetime.now(UTC)
        await self._see_caller(now)
        question = self.command.question
        given = (rows.items, question.channel, self.command.region, now.date())
        asked = await asyncio.to_thread(read_asked, *given)
        command = replace(self.command, identifiers=rows.items)
        try:
            async with self.database.lookup(self.waited) as unit:
                found = await look_up(unit, self.caller, command, asked, now)
        except UnavailableError:
            found = look_up_without_facts(self.caller, command, asked, now)
        self.waited = 0.0
        self.tally.add(found)
        if self.tree is not None:
            await asyncio.to_thread(commit_part, self.tree, self.form.stated(rows.items), found)
        return found

    async def _see_caller(self, now: datetime) -> None:
        """Read the credential anew, so that a revocation holds in the middle of a list."""
        if self._seen is None or not self.caller.known:
            self._seen = now
        if now - self._seen < _SEEN_ANEW:
            return
        try:
            async with self.database.read() as unit:
                caller = await identify_caller(unit, self.caller.credential_id)
        except UnavailableError:
            return  # Whether that leaves an answer is for the lookup to say.
        if caller is None or caller.role != self.caller.role:
            raise CallerRevokedError
        self.caller, self._seen = caller, now


def whole_lines(held: bytes | bytearray) -> int:
    """How many bytes of what has come are whole lines. Raises UnreadableListError for an endless one."""
    end = held.rfind(b"\n") + 1
    if len(held) - end > LONGEST_ROW:
        raise UnreadableListError("A row is longer than a row may be.")
    return end
