"""A wash is done: its list goes through in chunks, and after each second of work there is a checkpoint from
which anybody can go on, with the same result. A wash that cannot be whole fails, and offers no file."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Final
from uuid import uuid4

from app.domain.recipient_lists import RecipientList
from app.domain.recipient_rows import UnreadableListError, decoded, encoded
from app.domain.refusals import RefusedError, UnavailableError
from app.storage.database import Database
from app.storage.lookups import open_lists
from app.storage.wash_folder import RESULTS, FolderTakenError, ResultFiles, WashFolder
from app.storage.washes import Wash, claim_wash, end_wash, find_wash, note_progress, release_wash
from app.usecases.commit_rows import RowTree
from app.usecases.consult_registers import UsedSnapshot
from app.usecases.identify_caller import identify_caller
from app.usecases.receive_wash import SEED, Laundry
from app.usecases.sign_wash import note_wash, sign_wash
from app.usecases.wash_list import (
    Answered,
    CallerRevokedError,
    Tally,
    Washing,
    each_result,
    whole_lines,
)
from app.usecases.wash_plan import WashPlan

LEASE: Final = timedelta(seconds=10)
"""How long a claim holds without a checkpoint. Whoever was killed is followed by somebody else after it."""

STATE: Final = "state"
"""The files of a wash with what its receipt will say, one for a checkpoint."""

_PAUSE: Final = 1.0
_HEAD: Final = 2 * 1024 * 1024


Counted = Callable[[int, int], None]
"""Is told how many rows were answered, and how many of them with block."""


def not_counted(_asked: int, _blocked: int) -> None:
    """Where nobody counts."""


class ClaimLostError(Exception):
    """Somebody else has taken the wash over; nothing more is written here."""


@dataclass(slots=True, repr=False)
class _Run:
    """One wash in the hands of one worker."""

    database: Database
    folder: WashFolder
    wash: Wash
    plan: WashPlan
    washing: Washing
    results: ResultFiles
    base: BinaryIO | None
    at: int
    counted: Counted
    noted: float = field(default_factory=time.monotonic)

    async def go(self) -> None:
        """To the end of the list."""
        if not self.wash.positions[1]:
            self.results.append(dict.fromkeys(RESULTS, encoded(self.washing.form.opening)))
        async for block, last in self._blocks():
            async for part in self.washing.wash(block, last=last):
                self.results.append(await asyncio.to_thread(self._pieces, part))
                self.counted(part.found.count, part.found.blocked)
            if time.monotonic() - self.noted > _PAUSE:
                await self.note()

    def _pieces(self, part: Answered) -> dict[str, bytes]:
        only = changed_rows(part, self.washing, self.base) if self.base else None
        return each_result(part, self.washing.form, only)

    async def _blocks(self) -> AsyncIterator[tuple[bytes, bool]]:
        with self.folder.path("list").open("rb") as listed:
            size, held = listed.seek(0, 2), b""
            listed.seek(self.at)
            while True:
                held += await asyncio.to_thread(listed.read, self.washing.block_bytes)
                last = listed.tell() == size
                whole = len(held) if last else whole_lines(held)
                block, held = held[:whole], held[whole:]
                self.at = listed.tell() - len(held)
                if block or last:
                    yield block, last
                if last:
                    return

    async def note(self) -> None:
        """A checkpoint: everything up to here is on the disk, and will not be done again."""
        files = await asyncio.to_thread(self.results.settle)
        at = self.at - self.washing.held
        positions = [at, *files, self.base.tell() if self.base else 0]
        await asyncio.to_thread(keep_state, self.folder, at, self.washing)
        async with self.database.write() as unit:
            until = datetime.now(UTC) + LEASE
            if not await note_progress(unit, self.wash, figures(self.washing.tally), positions, until):
                raise ClaimLostError
        self.folder.forget(STATE, at)
        self.noted = time.monotonic()


def changed_rows(part: Answered, washing: Washing, base: BinaryIO) -> set[int]:
    """The rows of a part whose answer is not the one that stands in the earlier answer, which is read on."""
    now = part.spoken(washing.form)
    before = base.read(len(now))
    if before == now:
        return set()
    base.seek(-len(before), 1)
    changed = set()
    for index, (head, tail) in enumerate(zip(part.rows.heads, part.tails(washing.form), strict=True)):
        base.seek(len(encoded(head)), 1)
        if base.readline() != encoded(tail):
            changed.add(index)
    return changed


def keep_state(folder: WashFolder, at: int, washing: Washing) -> None:
    """Write down what a receipt will say of the rows up to here, beside the figures. Only with the figures of
    the same place does it count."""
    tree = washing.tree.state() if washing.tree is not None else None
    told = {"registers": [one.told() for one in washing.tally.registers], "tree": tree}
    folder.keep(STATE, at, json.dumps(told).encode())


def restore_state(folder: WashFolder, at: int, washing: Washing) -> None:
    """Go on from what was written down at this place. Before the first checkpoint there is nothing."""
    kept = folder.kept(STATE, at)
    if kept is None:
        return
    told = json.loads(kept)
    washing.tally.registers = tuple(map(UsedSnapshot.of, told["registers"]))
    if washing.tree is not None:
        washing.tree = RowTree.of(washing.tree.seed, told["tree"])


def figures(tally: Tally) -> Mapping[str, Any]:
    """A tally as a row has it."""
    return {
        "done": tally.asked,
        "blocked": tally.blocked,
        "invalid": tally.invalid,
        "as_of_controller": tally.as_of.controller if tally.as_of else None,
        "as_of_everybody": tally.as_of.everybody if tally.as_of else None,
        "decided_at": tally.decided_at,
        "valid_until": tally.valid_until,
    }


def tally_of(wash: Wash) -> Tally:
    """How far a wash had come."""
    return Tally(
        wash.done,
        wash.blocked,
        wash.invalid,
        wash.as_of,
        wash.decided_at,
        wash.valid_until,
        wash.controller_no if wash.decided_at else None,
    )


async def take_wash(database: Database) -> Wash | None:
    """The next wash to be done, claimed for this worker; None when there is none."""
    now = datetime.now(UTC)
    async with database.write() as unit:
        return await claim_wash(unit, uuid4(), now, now + LEASE)


async def run_wash(database: Database, laundry: Laundry, wash: Wash, counted: Counted = not_counted) -> None:
    """Do a claimed wash, from its last checkpoint on. What may mend itself leaves it to be taken again."""
    folder = laundry.folder(wash.id)
    code = None
    try:
        with folder.taken():
            await _run(database, laundry, wash, counted)
    except (ClaimLostError, FolderTakenError):
        return
    except (UnavailableError, asyncio.CancelledError):
        async with database.write() as unit:
            await release_wash(unit, wash, datetime.now(UTC))
        raise
    except UnreadableListError:
        code = "UNREADABLE_FILE"
    except CallerRevokedError:
        code = "UNAUTHENTICATED"
    except RefusedError as refused:
        code = refused.code.value
    except FileNotFoundError:
        code = "NOT_FOUND"
    if code is not None:
        await fail_wash(database, laundry, wash, code)


async def fail_wash(database: Database, laundry: Laundry, wash: Wash, code: str) -> None:
    """It will not be whole: nothing of it is offered, and its files go at once."""
    now = datetime.now(UTC)
    async with database.write() as unit:
        ended = await end_wash(unit, wash, "failed", code, now, now + laundry.keep)
    if ended:
        await asyncio.to_thread(laundry.folder(wash.id).erase)


async def _run(database: Database, laundry: Laundry, wash: Wash, counted: Counted) -> None:
    folder = laundry.folder(wash.id)
    plan = WashPlan.of(folder.path("plan").read_text(encoding="utf-8"))
    async with database.read() as unit:
        caller = await identify_caller(unit, wash.credential_id)
    if caller is None:
        raise CallerRevokedError
    form = plan.layout.form()
    await asyncio.to_thread(_begin, folder, form)
    washing = Washing(database, caller, plan.command, form, tally_of(wash))
    if plan.tree and wash.recheck_of is None:
        washing.tree = RowTree(folder.path(SEED).read_bytes())
    restore_state(folder, wash.positions[0], washing)
    base = folder.path("base").open("rb") if wash.recheck_of else None
    try:
        if base:
            base.seek(wash.positions[5] or len(encoded(form.opening)))
        with folder.results(wash.positions[1:5]) as results:
            run = _Run(
                database,
                folder,
                wash,
                plan,
                washing,
                results,
                base,
                wash.positions[0] or form.skipped,
                counted,
            )
            if base is None or not await _spared(run):
                await run.go()
            await run.note()
            await _finish(run, laundry)
    finally:
        if base:
            base.close()


def _begin(folder: WashFolder, form: RecipientList) -> None:
    """Read the first rows once to know the layout, wherever the work begins."""
    with folder.path("list").open("rb") as listed:
        head = listed.read(_HEAD)
        last = not listed.read(1)
    text = head if last else head[: whole_lines(head)]
    form.read(decoded(text), last=last)


async def _spared(run: _Run) -> bool:
    """Whether nobody need be asked again: the lists stand where they stood, no answer has expired, and the
    question depends on nothing else."""
    command = run.plan.command
    if run.wash.recheck_of is None or command.source_id is not None:
        return False
    async with run.database.read() as unit:
        base = await find_wash(unit, [run.wash.controller_no], run.wash.recheck_of)
    async with run.database.lookup() as unit:
        lists = await open_lists(unit, run.wash.controller_no, None)
    if base is None or base.as_of is None or base.as_of != lists.as_of or lists.profile.policy.registers:
        return False
    if base.valid_until is None or base.valid_until <= datetime.now(UTC):
        return False
    run.washing.tally = tally_of(base)
    run.results.append(dict.fromkeys(RESULTS, encoded(run.washing.form.opening)))
    return True


async def _finish(run: _Run, laundry: Laundry) -> None:
    """The receipt, under the id of the wash, and the end of the work, in one transaction."""
    tally, wash = run.washing.tally, run.wash
    asked = run.folder.path("list.sha256").read_text(encoding="utf-8")
    answer = await asyncio.to_thread(run.folder.digest, "annotated")
    receipt = sign_wash(run.database.instruments, wash.id, run.washing, (asked, answer))
    now = datetime.now(UTC)
    async with run.database.write() as unit:
        if not await end_wash(unit, wash, "done", None, now, now + laundry.keep):
            raise ClaimLostError
        await note_wash(unit, wash.party_id, wash.id, tally, receipt)
