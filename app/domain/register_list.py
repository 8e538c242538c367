"""Lists of national registers: which identifiers a line holds, and how long a list is good.

Each register has one file in `app/registers/`. A list is read whole or not at all: a line that cannot be read
may be somebody who said no, so it is told by its number and never left out. It is never told by its content.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.identifier import REASONS, UnreadableIdentifier
from app.domain.identifiers import canonicalise
from app.domain.identifiers.phone import already_canonical
from app.domain.registers import Register

CHARITIES: Final = 1
"""Flag of an entry: the person said no to charities too, and not to traders alone."""

TOLD: Final = 20
"""So many unreadable lines are told; the rest is counted."""

LINE_REASONS: Final[Mapping[str, str]] = {
    **REASONS,
    "ENCODING": "not UTF-8",
    "COLUMNS": "not the columns of the header",
    "HEADER": "the header names a column that is needed not at all, or twice",
    "NO_ROWS": "the list has no row",
}

_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "phone": ("phone",),
    "personal_number": ("personal_number",),
    "postal_address": ("name", "street", "postal_code", "city"),
}
_NEEDED: Final = frozenset({"phone", "personal_number", "name", "street", "postal_code"})
_TELLING: Final = _NEEDED - {"name"}
"""A name beside a number is no address."""
_CHARITIES_COLUMN: Final = "charities"
_NO: Final = frozenset({"0", "no", "nei", "false"})
_DELIMITERS: Final = ",;\t"
_ONE_HYPHEN: Final = re.compile(r"[0-9]{1,4}-?[0-9]{4,12}")
_TRUNK: Final[Mapping[str, tuple[str, str]]] = {
    "SE": ("0", "+46"),
    "GB": ("0", "+44"),
    "NO": ("", "+47"),
    "DK": ("", "+45"),
}


class UnreadableListError(Exception):
    """A list with lines that cannot be read: (line number, reason) of the first ones, and how many in all."""

    def __init__(self, first: Sequence[tuple[int, str]], total: int) -> None:
        super().__init__(f"{total} lines cannot be read")
        self.first = tuple(first)
        self.total = total


@dataclass(frozen=True, slots=True)
class RegisterList:
    """One register's list. `types` are the identifiers that a line may hold, `charities` says that a column
    may tell who said no to charities too. How long a list is good stands in `registers.py`."""

    register: Register
    types: tuple[str, ...]
    charities: bool = False

    @property
    def ended(self) -> date | None:
        """The day from which on the register decides nothing."""
        return self.register.ended_on

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that a CSV may have."""
        columns = tuple(column for type_code in self.types for column in _FIELDS[type_code])
        return (*columns, _CHARITIES_COLUMN) if self.charities else columns

    def fresh_until(self, version_date: date) -> date:
        """The last day on the whole of which a list of that date may be relied on."""
        return (self.register.valid_until(version_date) - timedelta(microseconds=1)).date()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One imported list that is in use. `types` are those of the identifiers it holds."""

    number: int
    id: UUID
    code: str
    version_date: date
    rows: int
    types: tuple[str, ...]
    imported_at: datetime
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns stand: `places` by field. Without a delimiter the line is its only field."""

    places: Mapping[str, int]
    width: int
    delimiter: str | None

    def row(self, line: str) -> Mapping[str, str]:
        """The fields of a line. Raises UnreadableIdentifier, or ValueError for wrong columns."""
        if self.delimiter is None:
            return dict.fromkeys(self.places, line)
        try:
            (cells,) = csv.reader([line], delimiter=self.delimiter, strict=True)
        except csv.Error:
            raise ValueError("COLUMNS") from None
        if len(cells) != self.width:
            raise ValueError("COLUMNS")
        return {name: cells[place] for name, place in self.places.items()}


def plain_layout(wanted: RegisterList) -> Layout | None:
    """One value on each line; None for a register whose lines hold several."""
    first = _FIELDS[wanted.types[0]]
    return Layout({first[0]: 0}, 1, None) if len(first) == 1 else None


def header_layout(wanted: RegisterList, header: str, names: Mapping[str, str]) -> Layout:
    """The layout of a CSV by its first line; `names` maps a field to how its column is called there.
    Raises UnreadableListError."""
    delimiter = max(_DELIMITERS, key=header.count)
    try:
        (cells,) = csv.reader([header], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        raise UnreadableListError([(1, "HEADER")], 1) from None
    titles = [cell.strip().lower() for cell in cells]
    called = {name: names.get(name, name).strip().lower() for name in wanted.fields}
    places = {name: titles.index(title) for name, title in called.items() if title in titles}
    whole = any(_NEEDED.intersection(_FIELDS[type_code]) <= places.keys() for type_code in wanted.types)
    if not whole or names.keys() - places.keys() or any(titles.count(called[name]) > 1 for name in places):
        raise UnreadableListError([(1, "HEADER")], 1)
    return Layout(places, len(cells), delimiter)


@dataclass(slots=True, repr=False)
class Batch:
    """What some lines hold: for each type canonical texts, with the line and the flags of each."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    flags: dict[str, list[int]] = field(default_factory=dict)
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    rows: int = 0

    def add(self, type_code: str, text: str, line: int, flags: int) -> None:
        """One identifier."""
        self.texts.setdefault(type_code, []).append(text)
        self.lines.setdefault(type_code, []).append(line)
        self.flags.setdefault(type_code, []).append(flags)


def read_lines(wanted: RegisterList, layout: Layout, lines: Sequence[str], first: int, today: date) -> Batch:
    """Lines with the number of the first; blank ones are passed over."""
    batch = Batch()
    for number, line in enumerate(lines, first):
        if not line or line.isspace():
            continue
        batch.rows += 1
        try:
            _read_row(wanted, layout.row(line.strip("\r")), number, today, batch)
        except UnreadableIdentifier as unreadable:
            batch.unreadable.append((number, unreadable.reason))
        except ValueError:
            batch.unreadable.append((number, "COLUMNS"))
    return batch


def _read_row(wanted: RegisterList, row: Mapping[str, str], number: int, today: date, batch: Batch) -> None:
    flags = 0
    if wanted.charities:
        flags = 0 if row.get(_CHARITIES_COLUMN, "").strip().lower() in _NO else CHARITIES
    found = False
    for type_code, text in _identifiers(wanted, row, today):
        batch.add(type_code, text, number, flags)
        found = True
    if not found:
        raise UnreadableIdentifier("EMPTY")


def _identifiers(wanted: RegisterList, row: Mapping[str, str], today: date) -> Iterator[tuple[str, str]]:
    country = wanted.register.country
    for type_code in wanted.types:
        given = {name: row[name].strip() for name in _FIELDS[type_code] if name in row}
        if not any(given.get(name) for name in _TELLING):
            continue
        if type_code == "phone":
            yield type_code, spelled(given["phone"], country, today)
            continue
        raw = {**given, "country": country} if type_code == "postal_address" else given[type_code]
        yield type_code, canonicalise(type_code, raw, country, today).value


def spelled(text: str, country: str, today: date) -> str:
    """The canonical form of a number of this country, at once where its own digits leave no doubt: a test
    compares that with the library. Raises UnreadableIdentifier."""
    if already_canonical(text):
        return text
    if country in _TRUNK and _ONE_HYPHEN.fullmatch(text):
        trunk, code = _TRUNK[country]
        number = code + text.removeprefix(trunk).replace("-", "", 1)
        if text.startswith(trunk) and already_canonical(number):
            return number
    return canonicalise("phone", text, country, today).value
