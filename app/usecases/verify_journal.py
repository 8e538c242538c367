"""The journal verified from its files alone. Nothing here knows a database, and nothing imports what does.

The signature, the tree at every checkpoint, the opening of every leaf, the values of every row, and the state
that the rows add up to. What does not fit is named: the leaf or checkpoint, the row by table and key, or the
file that is not the one that was exported.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final

from app.crypto import base64text
from app.crypto.journal_leaves import row_digest, row_key
from app.crypto.notes import BadNote, Checkpoint, open_checkpoint, open_text
from app.domain.journalled import JOURNALLED
from app.domain.replayed_state import Replay
from app.usecases.journal_findings import (
    EXPORT,
    FORMAT,
    MANIFEST,
    SEAL,
    UNREADABLE,
    UnreadableExportError,
    Verified,
    broken_line,
    read_lines,
    seal_text,
)
from app.usecases.verify_leaves import MISSHAPEN, Openings, verify_leaves

_SETTLING: Final = timedelta(minutes=1)
"""An event this young may not be in the journal yet."""


def verify_export(folder: Path, vkey: str | None, remembered: str | None = None) -> Verified:
    """Verify an export. Without a verifier key of the reader's own, the export's is believed. `remembered` is
    the note of an earlier checkpoint, which this journal must continue."""
    found = Verified()
    exported_at, key = _manifest(folder, vkey, found)
    expected = _checkpoints(folder, key, found)
    if remembered is not None:
        _expect(expected, remembered, key, "remembered", found)
    openings = verify_leaves(folder, expected, found)
    _rows(folder, openings, exported_at, found)
    found.findings = sorted(set(found.findings))
    return found


def _manifest(folder: Path, vkey: str | None, found: Verified) -> tuple[datetime, str]:
    """When the export was made, and the key to believe. The files are compared with what was signed of them;
    they are read on even if they differ, so that what is in them is named too."""
    try:
        raw = (folder / MANIFEST).read_bytes()
        manifest = json.loads(raw)
        key, files = vkey or str(manifest["vkey"]), dict(manifest["files"])
        exported_at, format_ = datetime.fromisoformat(manifest["exported_at"]), manifest["format"]
        if exported_at.tzinfo is None:
            exported_at = exported_at.replace(tzinfo=UTC)
    except (OSError, *MISSHAPEN, RecursionError):
        raise UnreadableExportError(f"{folder} holds no export of a journal that can be read") from None
    if format_ != FORMAT:
        raise UnreadableExportError(f"{folder} holds an export of another format: export anew")
    _sealed(folder, raw, key, found)
    for path in folder.iterdir():
        if path.is_file() and path.name not in {*files, MANIFEST, SEAL}:
            found.add(EXPORT, path.name, "added", "nothing was signed of it")
    for name, digest in files.items():
        _compare(folder / Path(name).name, digest, found)
    return exported_at, key


def _sealed(folder: Path, manifest: bytes, key: str, found: Verified) -> None:
    try:
        note = (folder / SEAL).read_bytes().decode()
        if open_text(note, key) != seal_text(sha256(manifest).hexdigest()):
            raise BadNote("another manifest was signed")
    except (OSError, ValueError) as bad:
        why = str(bad) if isinstance(bad, BadNote) else "it has no seal that can be read"
        found.add(EXPORT, MANIFEST, "altered", why)


def _compare(path: Path, digest: object, found: Verified) -> None:
    if not path.is_file():
        found.add(EXPORT, path.name, "missing", "the export has no such file")
        return
    with path.open("rb") as file:
        if file_digest(file, "sha256").hexdigest() != digest:
            found.add(EXPORT, path.name, "altered", "it is not the file that was exported")


def _checkpoints(folder: Path, key: str, found: Verified) -> dict[int, Checkpoint]:
    """Every signed tree, by its size."""
    expected: dict[int, Checkpoint] = {}
    path = folder / "checkpoints.jsonl"
    for number, line in read_lines(path, found):
        try:
            size, root, note = line["size"], base64text.decode(line["root"]), line["note"].encode().decode()
        except MISSHAPEN:
            broken_line(path, number, found)
            continue
        checkpoint = _expect(expected, note, key, str(size), found)
        if checkpoint is not None and (checkpoint.size, checkpoint.root) != (size, root):
            found.add("journal_checkpoint", size, "altered", "its note tells of another tree")
    try:
        newest = _expect(expected, (folder / "checkpoint").read_bytes().decode(), key, "newest", found)
    except (OSError, ValueError):
        found.add("journal_checkpoint", "newest", UNREADABLE, "there is no note that can be read")
        newest = None
    found.size = newest.size if newest else 0
    return expected


def _expect(
    expected: dict[int, Checkpoint], note: str, key: str, name: str, found: Verified
) -> Checkpoint | None:
    try:
        checkpoint = open_checkpoint(note, key)
    except BadNote as bad:
        found.add("journal_checkpoint", name, "altered", str(bad))
        return None
    other = expected.setdefault(checkpoint.size, checkpoint)
    if other.root != checkpoint.root:
        found.add("journal_checkpoint", name, "altered", "two signed trees of one size have other roots")
    return checkpoint


def _rows(folder: Path, openings: Openings, exported_at: datetime, found: Verified) -> None:
    """Hash every row anew, and replay what the rows add up to."""
    replay, young = Replay(), _young_events(folder, openings, exported_at)
    for table in JOURNALLED:
        path = folder / f"{table}.jsonl"
        for number, line in read_lines(path, found):
            try:
                event, row = line["event"], line["row"]
                found.rows += 1
                if event in young:
                    found.waiting += 1
                else:
                    _row(table, event, row, openings, found)
                replay.take(table, row)
            except MISSHAPEN:
                broken_line(path, number, found)
    for event, opening in openings.items():
        for table, digests in (opening.digests if opening else {}).items():
            for key in digests:
                found.add(table, key, "missing", f"event {event} wrote it")
    for table, key, why in replay.contradictions():
        found.add(table, key, "contradiction", why)
    found.state = replay.figures()


def _row(table: str, event: str | None, row: Mapping[str, Any], openings: Openings, found: Verified) -> None:
    key = row_key(table, row)
    if event is None or event not in openings:
        found.add(table, key, "added", f"event {event} is not in the journal")
        return
    opening = openings[event]
    if opening is None:
        return
    digest = opening.digests.get(table, {}).pop(key, None)
    if digest is None:
        found.add(table, key, "added", f"event {event} did not write it")
    elif digest != row_digest(opening.salt, table, row):
        found.add(table, key, "altered", f"event {event} wrote other values")


def _young_events(folder: Path, openings: Openings, exported_at: datetime) -> frozenset[str]:
    """Events that were committed so shortly before the export that the sequencer was still to come."""
    young, path = set(), folder / "event.jsonl"
    for _, line in read_lines(path, Verified()):
        try:
            moment = datetime.fromisoformat(line["row"]["at"])
            if line["event"] not in openings and moment > exported_at - _SETTLING:
                young.add(line["event"])
        except MISSHAPEN:
            continue
    return frozenset(young)
