"""What remains of a lookup: who asked, when, how many, and the receipt. No identifier, in no form."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.domain.parties import Caller, entitled
from app.domain.refusals import Refusal, RefusedError, UnavailableError
from app.storage.database import ANSWER_SECONDS, Database
from app.storage.notes import NoteKey, add_lookup_notes, find_lookup_note, note_key
from app.storage.units import ReadUnit
from app.usecases.look_up import Found

MOST_AT_ONCE: Final = 200
"""Notes that are written in one unit."""

LEAST_SECONDS: Final = 0.2
"""However long its lookup took, a note is given this time."""


def lookup_note(caller: Caller, lookup_id: UUID, found: Found, receipt: str) -> Mapping[str, Any]:
    """What is kept of an answered lookup."""
    return {
        "controller_no": found.controller_no,
        "lookup_id": lookup_id,
        "at": found.decided_at,
        "party_id": caller.party_id,
        "asked": found.count,
        "blocked": found.blocked,
        "receipt": receipt,
    }


@dataclass(frozen=True, slots=True)
class _Waiting:
    note: Mapping[str, Any]
    written: asyncio.Future[None]

    def settle(self, failed: Exception | None) -> None:
        """Tell whoever waits, unless it has gone."""
        if not self.written.done():
            self.written.set_result(None) if failed is None else self.written.set_exception(failed)


class LookupNotes:
    """The notes of one process. Those that come while others are being written share the next unit, and with
    it the wait for the disk; each is committed, or has failed, before its lookup is answered. A note cannot
    be refused for what is in it, so what fails for one fails for all."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._key: NoteKey | None = None

    async def keep(self, database: Database, note: Mapping[str, Any], waited: float = 0.0) -> None:
        """Returns when the note is committed. UnavailableError when it cannot be written, or not in the time
        that is left for an answer of which `waited` seconds are over."""
        mine = _Waiting(note, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(database))
        try:
            async with asyncio.timeout(max(ANSWER_SECONDS - waited, LEAST_SECONDS)):
                await mine.written
        except TimeoutError:
            raise UnavailableError("the note was not written in time") from None

    async def _write(self, database: Database) -> None:
        some: list[_Waiting] = []
        try:
            while self._waiting:
                some, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._together(database, some)
        finally:
            # Only an end of the process leaves anybody here.
            self._writer = None
            for one in (*some, *self._waiting):
                one.settle(UnavailableError("the note was not written"))
            self._waiting = []

    async def _together(self, database: Database, some: Sequence[_Waiting]) -> None:
        failed: Exception | None = None
        try:
            await self._add(database, [one.note for one in some])
        except Exception as error:  # noqa: BLE001 -- whoever waits is told; nobody is left hanging
            failed = error
        for one in some:
            one.settle(failed)

    async def _add(self, database: Database, notes: Sequence[Mapping[str, Any]]) -> None:
        """Write notes, sealed with a key that is remembered as long as the vault has the same."""
        numbers = {note["controller_no"] for note in notes}
        for _ in range(2):
            if self._key is None:
                async with database.write(hurried=True) as unit:
                    self._key = await note_key(unit, notes[0]["at"])
            async with database.note(numbers) as unit:
                if await add_lookup_notes(unit, notes, self._key):
                    return
            self._key = None
        raise UnavailableError("the key of the registry changes")


async def kept_receipt(unit: ReadUnit, caller: Caller, lookup_id: UUID) -> str:
    """The receipt of an earlier lookup for a controller that this caller may ask for; else NOT_FOUND."""
    numbers = {entitled(caller, controller_id) for controller_id in caller.acts_for}
    note = await find_lookup_note(unit, numbers, lookup_id)
    if note is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return note
