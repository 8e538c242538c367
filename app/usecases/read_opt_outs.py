"""Reading a file of existing opt-outs: each row is a wish, passed over, or rejected with line and reason."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from app.domain.channels import ALL_CHANNELS, CHANNELS
from app.domain.identifier import UnreadableIdentifier
from app.domain.opt_out_files import Layout, layout_of
from app.usecases.read_identifiers import GivenIdentifier, read_identifier
from app.usecases.record_wishes import Wish

MOST_ROWS: Final = 20_000
"""One file is one transaction and holds its list; so many take seconds, and nobody else waits long."""

SHOWN_REJECTS: Final = 20


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read: its encoding or its columns."""


class TooManyRowsError(ValueError):
    """More rows than one request takes."""


@dataclass(slots=True)
class ReadFile:
    """What a file says. `rejected` are the first (line, reason code); the content is never repeated."""

    layout: str = ""
    rows: int = 0
    passed_over: int = 0
    wishes: list[Wish] = field(default_factory=list)
    rejected: list[tuple[int, str]] = field(default_factory=list)
    rejected_total: int = 0

    def reject(self, line: int, reason: str) -> None:
        """Count a row that is no wish that can be read, and show it if there is room."""
        self.rejected_total += 1
        if len(self.rejected) < SHOWN_REJECTS:
            self.rejected.append((line, reason))


def read_opt_outs(content: bytes, *, ndjson: bool, region: str | None, today: date) -> ReadFile:
    """Read a whole file. Raises UnreadableFileError, TooManyRowsError."""
    try:
        text = content.decode("utf-8-sig")
        rows = _objects(text) if ndjson else _table(text)
        return _read(rows, region, today)
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableFileError from None


def _read(rows: Iterator[tuple[int, Mapping[str, str] | None]], region: str | None, today: date) -> ReadFile:
    found, layout = ReadFile(), None
    for line, row in rows:
        found.rows += 1
        if found.rows > MOST_ROWS:
            raise TooManyRowsError
        if row is None:
            found.reject(line, "BAD_ROW")
            continue
        layout = layout or _known(row)
        found.layout = layout.code
        _take(found, layout, line, row, region, today)
    if layout is None:
        raise UnreadableFileError
    return found


def _known(row: Mapping[str, str]) -> Layout:
    layout = layout_of(row)
    if layout is None:
        raise UnreadableFileError
    return layout


def _take(
    found: ReadFile, layout: Layout, line: int, row: Mapping[str, str], region: str | None, today: date
) -> None:
    if not layout.is_wish(row):
        found.passed_over += 1
        return
    channel = layout.channel or row.get("channel", "")
    if channel != "all" and channel not in CHANNELS:
        found.reject(line, "UNKNOWN_CHANNEL")
        return
    kind = "email" if layout.channel else row.get("type", "")
    given = GivenIdentifier(kind, row.get(layout.identifier, ""), region=region)
    try:
        identifier = read_identifier(given, today)
    except UnreadableIdentifier as unreadable:
        found.reject(line, unreadable.reason)
        return
    found.wishes.append(Wish(identifier, ALL_CHANNELS if channel == "all" else CHANNELS[channel].bit))


def _table(text: str) -> Iterator[tuple[int, Mapping[str, str] | None]]:
    """CSV (RFC 4180) with a line of column names; spreadsheets of some countries part them by semicolons."""
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = [name.strip().lower() for name in next(reader, [])]
    if layout_of(names) is None or len(set(names)) < len(names):
        raise UnreadableFileError
    for cells in reader:
        if any(cells):
            fits = len(cells) == len(names)
            yield reader.line_num, dict(zip(names, cells, strict=True)) if fits else None


def _objects(text: str) -> Iterator[tuple[int, Mapping[str, str] | None]]:
    """One JSON object in each line; what is no text in it counts as left out."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _texts(line)


def _texts(line: str) -> Mapping[str, str] | None:
    try:
        said: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    return {name.lower(): value if isinstance(value, str) else "" for name, value in said.items()}
