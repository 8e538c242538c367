"""The journal and all that it covers as files, for somebody who verifies it without the database.

They hold no plain identifier, but fingerprints, organisations and times: whoever gets them is an auditor.
"""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from app.crypto.notes import verifier_key
from app.domain.journalled import JOURNALLED
from app.domain.refusals import OperatorError
from app.storage.database import Database
from app.storage.journal import newest_checkpoint
from app.storage.journal_rows import all_checkpoints, all_leaves, all_rows, declare_everybody
from app.storage.units import WholeUnit

FORMAT = 1


class NoJournalError(OperatorError):
    """There is nothing to export."""


async def export_journal(database: Database, key: bytes, folder: Path) -> int:
    """Write one snapshot into an empty folder; the number of leaves."""
    _prepare(folder)
    async with database.whole() as unit:
        tip = await newest_checkpoint(unit)
        if tip is None:
            raise NoJournalError("there is no checkpoint yet")
        await declare_everybody(unit)
        (folder / "checkpoint").write_text(tip.note, encoding="utf-8")
        await _lines(folder / "checkpoints.jsonl", _checkpoints(unit))
        leaves = await _lines(folder / "leaves.jsonl", _leaves(unit))
        for table in JOURNALLED:
            await _lines(folder / f"{table}.jsonl", _rows(unit, table))
        manifest = {
            "format": FORMAT,
            "exported_at": datetime.now(UTC).isoformat(),
            "vkey": verifier_key(key, tip.note.partition("\n")[0]),
        }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return leaves


def _prepare(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise NoJournalError(f"{folder} is not empty")


async def _checkpoints(unit: WholeUnit) -> AsyncIterator[str]:
    async for row in all_checkpoints(unit):
        yield json.dumps({"size": row.size, "note": row.note})


async def _leaves(unit: WholeUnit) -> AsyncIterator[str]:
    async for row in all_leaves(unit):
        opening: dict[str, Any] = {"salt": None, "digests": None}
        if row.salt is not None:
            opening = {"salt": b64encode(row.salt).decode(), "digests": row.rows.decode(errors="replace")}
        leaf = {"leaf": b64encode(row.leaf).decode(), "hash": b64encode(row.hash).decode()}
        yield json.dumps({"index": row.position, "event": str(row.event_id), **leaf, **opening})


async def _rows(unit: WholeUnit, table: str) -> AsyncIterator[str]:
    async for event, written in all_rows(unit, table):
        yield f'{{"event":{json.dumps(str(event) if event else None)},"row":{written}}}'


async def _lines(path: Path, lines: AsyncIterator[str]) -> int:
    count = 0
    with _private(path) as file:
        async for line in lines:
            file.write(line + "\n")
            count += 1
    return count


@contextmanager
def _private(path: Path) -> Iterator[TextIO]:
    with path.open("w", encoding="utf-8") as file:
        path.chmod(0o600)
        yield file
