"""A file comes in to be washed: written as it comes, into a folder of its own, and put in the queue."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from app.crypto import base64url
from app.crypto.row_commitments import new_seed
from app.domain.parties import entitled
from app.domain.refusals import Refusal, RefusedError
from app.storage.database import Database
from app.storage.events import keyed
from app.storage.units import ReadUnit, WriteUnit
from app.storage.wash_folder import RESULTS, WashFolder
from app.storage.washes import Wash, add_wash, find_wash, reference_key, wash_of_reference
from app.usecases.act import Act
from app.usecases.wash_plan import WashPlan

__all__ = [
    "FileTooLargeError",
    "Laundry",
    "OtherListError",
    "Wash",
    "receive_wash",
    "recheck_wash",
    "wash_of",
]

LARGEST_FILE: Final = 5 * 1024**3
"""Bytes of a list, unpacked."""

SEED: Final = "seed"
"""The file with the seed of the receipt's tree. It is made once, so that whoever goes on with a wash that was
cut off comes to the same tree."""

POSITIONS: Final = [0] * (2 + len(RESULTS))
"""Of the list, of each result, and of the earlier answer that a recheck compares with."""


class FileTooLargeError(Exception):
    """The list is larger than a list may be."""


class OtherListError(Exception):
    """Another list, or another question, came under this reference before."""


@dataclass(frozen=True, slots=True)
class Laundry:
    """Where washes happen: the folder, and how long files stay."""

    root: Path
    keep: timedelta

    def folder(self, id_: UUID) -> WashFolder:
        """The folder of one wash."""
        return WashFolder(self.root, id_)

    def seed(self, wash: Wash) -> str | None:
        """What opens single rows of the receipt of a wash that is done, while its files are there."""
        path = self.folder(wash.id).path(SEED)
        return base64url.encode(path.read_bytes()) if wash.state == "done" and path.exists() else None


@dataclass(slots=True)
class _Upload:
    size: int = 0
    lines: int = 0
    digest: bytes = b""


async def receive_wash(
    database: Database,
    laundry: Laundry,
    act: Act,
    plan: WashPlan,
    content: AsyncIterator[bytes],
    reference: str | None,
) -> Wash:
    """Take a list in. The same list with the same question under the same reference is the same wash. Raises
    RefusedError, FileTooLargeError, OtherListError; whatever is raised, nothing of the list stays."""
    number = entitled(act.who, plan.command.controller_id)
    folder = laundry.folder(act.event_id)
    folder.make()
    kept = False
    try:
        with folder.create("plan") as written:
            written.write(plan.text().encode())
        if plan.tree:
            with folder.create(SEED) as written:
                written.write(new_seed())
        upload = await _store(folder, content)
        async with database.write() as unit:
            known = await _known(unit, number, reference, _list_key(unit, plan, upload))
            if known is None:
                await add_wash(unit, _row(unit, act, number, plan, upload, reference, laundry.keep))
        kept = known is None
    finally:
        if not kept:
            await asyncio.to_thread(folder.erase)
    return known or await wash_of(database, act, act.event_id)


async def wash_of(database: Database, act: Act, id_: UUID) -> Wash:
    """A wash for one of the controllers that this caller may ask for; else RefusedError NOT_FOUND."""
    async with database.read() as unit:
        found = await find_wash(unit, set(act.who.acts_for.values()), id_)
    if found is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return found


async def _store(folder: WashFolder, content: AsyncIterator[bytes]) -> _Upload:
    found, upload, end = hashlib.sha256(), _Upload(), b"\n"
    with folder.create("list") as written:
        async for piece in content:
            upload.size += len(piece)
            if upload.size > LARGEST_FILE:
                raise FileTooLargeError
            found.update(piece)
            upload.lines += piece.count(b"\n")
            end = piece[-1:] or end
            written.write(piece)
    upload.lines += end != b"\n"
    upload.digest = found.digest()
    with folder.create("list.sha256") as written:
        written.write(upload.digest.hex().encode())
    return upload


def _list_key(unit: ReadUnit, plan: WashPlan, upload: _Upload) -> bytes:
    """What tells a repetition: the digest of list and question, under the key."""
    return keyed(unit, hashlib.sha256(upload.digest + plan.text().encode()).digest())


async def _known(unit: WriteUnit, number: int, reference: str | None, list_key: bytes) -> Wash | None:
    if reference is None:
        return None
    known = await wash_of_reference(unit, number, reference_key(unit, reference))
    if known is not None and known.list_key != list_key:
        raise OtherListError
    return known


def _row(
    unit: ReadUnit,
    act: Act,
    number: int,
    plan: WashPlan,
    upload: _Upload,
    reference: str | None,
    keep: timedelta,
) -> dict[str, object]:
    return {
        **_waiting(act, number, keep),
        "reference": reference_key(unit, reference) if reference is not None else None,
        "list_key": _list_key(unit, plan, upload),
        "media": "text/csv" if plan.layout.csv else "application/x-ndjson",
        "rows": max(0, upload.lines - plan.layout.titled),
    }


def _waiting(act: Act, number: int, keep: timedelta) -> dict[str, object]:
    """What is the same of every wash that has not begun."""
    fields = ("code", "as_of_controller", "as_of_everybody", "decided_at", "valid_until", "ended_at", "claim")
    return {
        "controller_no": number,
        "id": act.event_id,
        "party_id": act.who.party_id,
        "credential_id": act.who.credential_id,
        "recheck_of": None,
        "state": "waiting",
        "done": 0,
        "blocked": 0,
        "invalid": 0,
        "positions": POSITIONS,
        "created_at": act.now,
        "expires_at": act.now + keep,
        "claimed_until": act.now,
        **dict.fromkeys(fields),
    }


async def recheck_wash(database: Database, laundry: Laundry, act: Act, id_: UUID) -> Wash:
    """Ask about the list of a wash again, for the rows whose answer is another one now. Raises RefusedError
    NOT_FOUND, STATE_CONFLICT unless the wash is done and its files are there."""
    base = await wash_of(database, act, id_)
    if base.state != "done" or base.recheck_of is not None:
        raise RefusedError(Refusal.STATE_CONFLICT, "Only a wash of a list that is done is asked anew.")
    folder = laundry.folder(act.event_id)
    folder.make()
    try:
        for name in ("list", "list.sha256", "plan", "annotated"):
            own = folder.path("base" if name == "annotated" else name)
            own.hardlink_to(laundry.folder(id_).path(name))
    except FileNotFoundError:
        folder.erase()
        raise RefusedError(Refusal.STATE_CONFLICT, "The files of this wash are erased.") from None
    row = {**_waiting(act, base.controller_no, laundry.keep), "recheck_of": id_, "rows": base.rows}
    async with database.write() as unit:
        await add_wash(unit, {**row, "reference": None, "list_key": base.list_key, "media": base.media})
    return await wash_of(database, act, act.event_id)
