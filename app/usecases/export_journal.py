"""The journal and all that it covers as files, for somebody who verifies it without the database.

They hold no plain identifier, but fingerprints, organisations and times: whoever gets them is an auditor. The
manifest has a digest of each file, and a note over it is signed with the journal's key, so that a byte that
was flipped on the way is told from what was altered in the database.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, TextIO

from app.crypto import base64text
from app.crypto.notes import sign_text, verifier_key
from app.domain.journalled import JOURNALLED
from app.domain.refusals import OperatorError
from app.storage.database import Database
from app.storage.journal import newest_checkpoint
from app.storage.journal_rows import all_checkpoints, all_leaves, all_nodes, all_rows, declare_everybody
from app.storage.units import WholeUnit
from app.usecases.journal_findings import FORMAT, MANIFEST, SEAL, seal_text


class NoJournalError(OperatorError):
    """There is nothing to export."""


async def export_journal(database: Database, key: bytes, folder: Path) -> int:
    """Write one snapshot into an empty folder; the number of leaves."""
    prepare(folder)
    async with database.whole() as unit:
        tip = await newest_checkpoint(unit)
        if tip is None:
            raise NoJournalError("there is no checkpoint yet")
        await declare_everybody(unit)
        with private(folder / "checkpoint") as file:
            file.write(tip.note)
        await _lines(folder / "checkpoints.jsonl", _checkpoints(unit))
        await _lines(folder / "nodes.jsonl", _nodes(unit))
        leaves = await _lines(folder / "leaves.jsonl", _leaves(unit))
        for table in JOURNALLED:
            await _lines(folder / f"{table}.jsonl", _rows(unit, table))
    seal(folder, key, tip.note.partition("\n")[0], datetime.now(UTC))
    return leaves


def seal(folder: Path, key: bytes, origin: str, at: datetime) -> None:
    """Write the manifest of a folder's files, and sign it."""
    manifest = {
        "format": FORMAT,
        "exported_at": at.isoformat(),
        "vkey": verifier_key(key, origin),
        "files": {path.name: _digest(path) for path in sorted(folder.iterdir()) if path.is_file()},
    }
    written = json.dumps(manifest, indent=1) + "\n"
    with private(folder / MANIFEST) as file:
        file.write(written)
    with private(folder / SEAL) as file:
        file.write(sign_text(key, origin, seal_text(sha256(written.encode()).hexdigest())))


def prepare(folder: Path) -> None:
    """Make the folder, or refuse one that holds something."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise NoJournalError(f"{folder} is not empty")


@contextmanager
def private(path: Path) -> Iterator[TextIO]:
    """A file for nobody else's eyes."""
    with path.open("w", encoding="utf-8") as file:
        path.chmod(0o600)
        yield file


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


async def _checkpoints(unit: WholeUnit) -> AsyncIterator[str]:
    async for row in all_checkpoints(unit):
        yield json.dumps({"size": row.size, "root": base64text.encode(row.root), "note": row.note})


async def _nodes(unit: WholeUnit) -> AsyncIterator[str]:
    async for row in all_nodes(unit):
        place = {"level": row.level, "position": row.position}
        yield json.dumps(place | {"hash": base64text.encode(row.hash)})


async def _leaves(unit: WholeUnit) -> AsyncIterator[str]:
    async for row in all_leaves(unit):
        said: dict[str, Any] = {"index": row.position, "event": str(row.event_id)}
        said |= {"leaf": _spelled(row.leaf), "hash": _spelled(row.hash)}
        yield json.dumps(said | {"salt": _spelled(row.salt), "digests": _spelled(row.rows)})


def _spelled(raw: bytes | None) -> str | None:
    return None if raw is None else base64text.encode(raw)


async def _rows(unit: WholeUnit, table: str) -> AsyncIterator[str]:
    async for event, written in all_rows(unit, table):
        yield f'{{"event":{json.dumps(str(event) if event else None)},"row":{written}}}'


async def _lines(path: Path, lines: AsyncIterator[str]) -> int:
    count = 0
    with private(path) as file:
        async for line in lines:
            file.write(line + "\n")
            count += 1
    return count
