"""The journal verified from its files alone. Nothing here knows a database, and nothing imports what does.

The signature, the tree at every checkpoint, the opening of every leaf, the values of every row, and the state
that the rows add up to. What does not fit is named: the leaf or checkpoint, or the row by table and key.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from app.crypto.journal_leaves import commitment, row_digest, row_key
from app.crypto.notes import BadNote, Checkpoint, open_checkpoint
from app.domain.journalled import JOURNALLED
from app.domain.merkle import Frontier, leaf_hash
from app.domain.refusals import OperatorError
from app.domain.replayed_state import Replay

_CHUNK: Final = 4096
_SETTLING: Final = timedelta(minutes=1)
"""An event this young may not be in the journal yet."""

UNREADABLE: Final = "unreadable"


class UnreadableExportError(OperatorError):
    """The files are not those of an export."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that is not as it was journalled: `wrong` is altered, missing, added or unreadable."""

    table: str
    key: str
    wrong: str
    why: str


@dataclass(slots=True)
class Verified:
    """What was found. `waiting` counts rows of events that are too young to be in the journal."""

    size: int = 0
    rows: int = 0
    waiting: int = 0
    findings: list[Finding] = field(default_factory=list)
    state: dict[str, int] = field(default_factory=dict)

    def add(self, table: str, key: object, wrong: str, why: str) -> None:
        """Name something."""
        self.findings.append(Finding(table, str(key), wrong, why))


@dataclass(slots=True)
class _Opening:
    """What a leaf commits to, as far as nothing has been met of it yet."""

    salt: bytes
    digests: dict[str, dict[str, str]]


def verify_export(folder: Path, vkey: str | None, remembered: str | None = None) -> Verified:
    """Verify an export. Without a verifier key of the reader's own, the export's is believed. `remembered` is
    the note of an earlier checkpoint, which this journal must continue."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        key = vkey or str(manifest["vkey"])
        exported_at = datetime.fromisoformat(manifest["exported_at"])
        note = (folder / "checkpoint").read_text(encoding="utf-8")
    except (OSError, ValueError, KeyError, TypeError):
        raise UnreadableExportError(f"{folder} holds no export of a journal") from None
    found = Verified()
    expected = _checkpoints(folder, key, note, found)
    if remembered is not None:
        _expect(expected, remembered, key, "remembered", found)
    openings = _tree(folder, expected, found)
    _rows(folder, openings, exported_at, found)
    found.findings.sort()
    return found


def _lines(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        for line in file:
            yield json.loads(line)


def _checkpoints(folder: Path, key: str, note: str, found: Verified) -> dict[int, Checkpoint]:
    """Every signed tree, by its size."""
    expected: dict[int, Checkpoint] = {}
    for line in _lines(folder / "checkpoints.jsonl"):
        _expect(expected, line["note"], key, str(line["size"]), found)
        if line["size"] not in expected:
            found.add("journal_checkpoint", line["size"], "altered", "its note tells of another tree")
    newest = _expect(expected, note, key, "newest", found)
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


def _tree(folder: Path, expected: Mapping[int, Checkpoint], found: Verified) -> dict[str, _Opening | None]:
    """Grow the tree leaf by leaf and compare it at every checkpoint. What each event's leaf commits to; None
    where that cannot be known."""
    openings: dict[str, _Opening | None] = {}
    tree, hashes, good, following = Frontier(), list[bytes](), 0, 0
    for line in _lines(folder / "leaves.jsonl"):
        leaf = b64decode(line["leaf"])
        hash_ = leaf_hash(leaf)
        if line["index"] != following:
            found.add("journal_leaf", following, "missing", f"leaf {line['index']} comes next")
        following = line["index"] + 1
        if b64encode(hash_).decode() != line["hash"]:
            found.add("journal_leaf", line["index"], "altered", "its hash is another")
        _open(line, leaf, openings, found)
        hashes.append(hash_)
        grown = tree.size + len(hashes)
        if grown in expected or len(hashes) == _CHUNK:
            tree.append(hashes)
            hashes.clear()
            good = _compare(tree, expected, good, found)
    tree.append(hashes)
    if (largest := max(expected, default=0)) > following:
        found.add("journal_leaf", following, "missing", f"a tree of {largest} leaves was signed")
    if following > found.size:
        found.add("journal_leaf", found.size, "added", "nothing was signed over it")
    return openings


def _compare(tree: Frontier, expected: Mapping[int, Checkpoint], good: int, found: Verified) -> int:
    """The largest size up to which the tree is known to be good. A difference is told once."""
    checkpoint = expected.get(tree.size)
    if checkpoint is None or good < 0:
        return good
    if tree.root() == checkpoint.root:
        return tree.size
    found.add("journal_leaf", f"{good}..{tree.size - 1}", "altered", "the signed root is another")
    return -1


def _open(line: Any, leaf: bytes, openings: dict[str, _Opening | None], found: Verified) -> None:
    """Read a leaf's opening, if it is the one that the leaf commits to."""
    try:
        said = json.loads(leaf)
        event, committed = str(said["event"]), str(said["commitment"])
    except (ValueError, KeyError, TypeError):
        found.add("journal_leaf", line["index"], UNREADABLE, "this is no leaf")
        openings[line["event"]] = None
        return
    if event != line["event"]:
        found.add("journal_leaf", line["index"], "altered", "it stands beside another event")
    if event in openings:
        found.add("journal_leaf", line["index"], "added", "its event is in the journal twice")
    openings[event] = None
    if line["salt"] is None:
        found.add("journal_opening", event, "missing", "the rows of this event cannot be verified")
        return
    salt = b64decode(line["salt"])
    if commitment(salt, line["digests"].encode()) != committed:
        found.add("journal_opening", event, "altered", "the leaf commits to another one")
        return
    openings[event] = _Opening(salt, json.loads(line["digests"]))


def _rows(
    folder: Path, openings: Mapping[str, _Opening | None], exported_at: datetime, found: Verified
) -> None:
    """Hash every row anew, and replay what the rows add up to."""
    replay, young = Replay(), _young_events(folder, openings, exported_at)
    for table in JOURNALLED:
        for line in _lines(folder / f"{table}.jsonl"):
            event, row = line["event"], line["row"]
            found.rows += 1
            replay.take(table, row)
            if event in young:
                found.waiting += 1
            else:
                _row(table, event, row, openings, found)
    for event, opening in openings.items():
        for table, digests in (opening.digests if opening else {}).items():
            for key in digests:
                found.add(table, key, "missing", f"event {event} wrote it")
    for table, key, why in replay.contradictions():
        found.add(table, key, "contradiction", why)
    found.state = replay.figures()


def _row(
    table: str,
    event: str | None,
    row: Mapping[str, Any],
    openings: Mapping[str, _Opening | None],
    found: Verified,
) -> None:
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


def _young_events(
    folder: Path, openings: Mapping[str, _Opening | None], exported_at: datetime
) -> frozenset[str]:
    """Events that were committed so shortly before the export that the sequencer was still to come."""
    return frozenset(
        line["event"]
        for line in _lines(folder / "event.jsonl")
        if line["event"] not in openings
        and datetime.fromisoformat(line["row"]["at"]) > exported_at - _SETTLING
    )
