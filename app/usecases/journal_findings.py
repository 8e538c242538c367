"""What a verification of the journal's files found, and how their lines are read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.domain.refusals import OperatorError

FORMAT: Final = 2
"""Of the files of an export: another one is told to be so, and not guessed at."""

MANIFEST: Final = "manifest.json"
SEAL: Final = "seal"
EXPORT: Final = "export"
"""Where findings stand that concern a file and no row."""

UNREADABLE: Final = "unreadable"

_read: Final = json.JSONDecoder().raw_decode


class UnreadableExportError(OperatorError):
    """The files are not those of an export."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that is not as it was journalled: `wrong` is altered, missing, added, unreadable or
    contradiction. `table` and `key` name the row, leaf, node or checkpoint; a file is one of `export`."""

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


def seal_text(digest: str) -> str:
    """What is signed of an export: the SHA-256 of its manifest, in hex. No checkpoint reads like this."""
    return f"sparr export\nsha256:{digest}\n"


def read_lines(path: Path, found: Verified) -> Iterator[tuple[int, Any]]:
    """The JSON objects of a file with the numbers of their lines; a line that is none is named."""
    if not path.is_file():
        found.add(EXPORT, path.name, "missing", "the export has no such file")
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                text = line.decode()
                read, end = _read(text)
            except (ValueError, RecursionError):
                read, end = None, 0
            if isinstance(read, dict) and text[end:] in {"\n", ""}:
                yield number, read
            else:
                broken_line(path, number, found)


def broken_line(path: Path, number: int, found: Verified) -> None:
    """Name a line that does not say what it should."""
    found.add(EXPORT, f"{path.name}:{number}", UNREADABLE, "this is no line of an export")
