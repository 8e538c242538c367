"""Recipients as CSV (RFC 4180): with another separator, too, with quoted fields of several lines, and in a
column that is named or recognised. A row is kept as it was written, and two fields are put behind it."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from app.domain.line_rows import LineRows, whole_fields
from app.domain.recipient_rows import LONGEST_ROW, Rows, UnreadableListError, encoded, is_unicode

SEPARATORS: Final = (",", ";", "\t", "|")
ADDED: Final = ("decision", "code")
MARK: Final = "#sparr "
"""The beginning of the last line, which is no row."""

_BOM: Final = "\ufeff"
_END: Final = "\0the end of what was read\0"
_DIGITS_OF_A_NUMBER: Final = 6
_PHONE: Final = ("phone", "phone_number", "phone number", "mobile", "msisdn", "number", "tel", "telephone")
_TELEFON: Final = ("telefon", "telefonnummer", "mobil", "mobilnummer", "mobiltelefon", "nummer")
TITLES: Final[Mapping[str, frozenset[str]]] = {
    "phone": frozenset({*_PHONE, *_TELEFON, "identifier"}),
    "email": frozenset({"email", "e-mail", "email address", "email_address", "mail", "epost", "identifier"}),
}
"""What a column is recognised by when nobody named it, by the type of its identifiers."""


@dataclass(slots=True, repr=False)
class CsvList:
    """One list with columns. `column` is a title, or the number of a column (from 1) of a list without a
    header; `kind` is the type of a bare identifier, `wrapped` is set when it is not the channel's own."""

    kind: str | None
    column: str | None = None
    header: bool | None = None
    wrapped: bool = False
    opening: str = field(default="", init=False)
    skipped: int = field(default=0, init=False)
    _separator: str = field(default="", init=False)
    _place: int = field(default=0, init=False)
    _width: int = field(default=0, init=False)
    _newline: str = field(default="\n", init=False)

    def read(self, text: str, *, last: bool) -> tuple[Rows, str]:
        """Every line is a row, but for those inside quotes. Raises UnreadableListError."""
        if last and text and not text.endswith("\n"):
            text += "\n"
        if not self._separator:
            begun = self._begin(text)
            if begun is None:
                return Rows([], []), _rest(text, last=last)
            self.skipped = len(encoded(text[: len(text) - len(begun)]))
            text = begun
        if not text:
            return Rows([], []), ""
        rows, rest = self._quoted(text, last=last) if '"' in text else (self._plain(text), "")
        if self.wrapped:
            rows.items = [item and {"type": self.kind, "value": item} for item in rows.items]
        return rows, rest

    def lines(self, block: bytes) -> LineRows | None:
        """Rows without quotes, each with as many fields as the first."""
        if not self._separator or self.wrapped:
            return None
        return whole_fields(block, self._separator, self._width, self._place)

    def stated(self, items: Sequence[Any]) -> Sequence[Any]:
        """The texts of the column: a type is not said in the rows."""
        return [item and item["value"] for item in items] if self.wrapped else items

    def tail(self, decision: str, code: str) -> str:
        """Two more fields; no code needs quotes."""
        return f"{self._separator}{decision}{self._separator}{code}{self._newline}"

    def closing(self, document: str) -> str:
        """A line that begins as no row does, to be cut off before a program for tables reads the answer."""
        return f"{MARK}{document}{self._newline}"

    def _begin(self, text: str) -> str | None:
        """Take the layout from the first row, and the header off; None while the first row is not whole."""
        bare = text.removeprefix(_BOM)
        first = bare.partition("\n")[0]
        self._newline = "\r\n" if first.endswith("\r") else "\n"
        separator = separator_of(first)
        raws, rows = parsed_rows(bare, separator, most=1)
        if not rows:
            return None if bare else ""
        self._width, numbered = len(rows[0]), (self.column or "").isdecimal()
        headed = not numbered if self.header is None else self.header
        self._place = self._numbered() if numbered else self._titled(rows[0], headed=headed)
        self._separator = separator
        if not headed:
            self.opening = text[: len(text) - len(bare)]
            return bare
        titles = {title.strip().lower() for title in rows[0]}
        names = [name if name not in titles else f"sparr_{name}" for name in ADDED]
        if titles & set(names):
            raise UnreadableListError("The header has decision and sparr_decision, or code and sparr_code.")
        written = raws[0].removesuffix("\n").removesuffix("\r")
        self.opening = text[: len(text) - len(bare)] + written + self.tail(*names)
        return bare[len(raws[0]) :]

    def _numbered(self) -> int:
        place = int(self.column or "") - 1
        if not 0 <= place < self._width:
            raise UnreadableListError("The list has no column of this number.")
        return place

    def _titled(self, header: list[str], *, headed: bool) -> int:
        if not headed:
            raise UnreadableListError("Without a header the column is named by its number: column=1.")
        return titled_column(header, self.column, self.kind)

    def _plain(self, text: str) -> Rows:
        """Rows without any quote: a row is a line, a field what stands between separators."""
        body = text[:-1]
        if "\r" in body:
            body = body.replace("\r\n", "\n").removesuffix("\r")
        lines = body.split("\n")
        if self._width == 1 and self._separator not in text:
            return Rows(lines, lines if is_unicode(text) else [_readable(line) for line in lines])
        if is_unicode(text) and (items := self._column(body, len(lines))) is not None:
            return Rows(lines, items)
        return self._rows(lines, [line.split(self._separator) for line in lines], sound=is_unicode(text))

    def _column(self, body: str, count: int) -> list[str] | None:
        """The column of all rows at once; None unless every row has as many fields as it should. Between two
        rows a field is put that is nothing but the line end: each of them must be where it would be then."""
        stride = self._width + 1
        fields = body.replace("\n", f"{self._separator}\n{self._separator}").split(self._separator)
        if len(fields) != count * stride - 1 or fields[self._width :: stride].count("\n") != count - 1:
            return None
        return fields[self._place :: stride]

    def _quoted(self, text: str, *, last: bool) -> tuple[Rows, str]:
        raws, fields = parsed_rows(text, self._separator)
        rest = _rest(text[sum(map(len, raws)) :], last=last)
        lines = [raw.removesuffix("\n").removesuffix("\r") for raw in raws]
        return self._rows(lines, fields, sound=is_unicode(text)), rest

    def _rows(self, lines: list[str], fields: list[list[str]], *, sound: bool) -> Rows:
        """A row with too few or too many fields is unreadable: nobody knows which column is which."""
        width, place = self._width, self._place
        items: list[Any] = [row[place] if len(row) == width else None for row in fields]
        if None in items:
            lines = [
                line + self._separator * (width - max(1, len(row)))
                for line, row in zip(lines, fields, strict=True)
            ]
        return Rows(lines, items if sound else [_readable(item) for item in items])


def _rest(text: str, *, last: bool) -> str:
    """The beginning of a row that goes on, as far as that can be."""
    if last and text:
        raise UnreadableListError("A quote is not closed before the end of the list.")
    if len(text) > LONGEST_ROW:
        raise UnreadableListError("A row is longer than a row may be; a quote may not be closed.")
    return text


def _readable(item: str | None) -> str | None:
    return item if item is not None and is_unicode(item) else None


def titled_column(header: Sequence[str], column: str | None, kind: str | None) -> int:
    """The place of the column of this title, or of the one that must be it. Raises UnreadableListError."""
    titles = [title.strip().lower() for title in header]
    if column is not None:
        places = [n for n, title in enumerate(titles) if title == column.strip().lower()]
    elif len(titles) == 1:
        places = [0]
    else:
        known = TITLES.get(kind or "", frozenset({"identifier", kind or ""}))
        places = [n for n, title in enumerate(titles) if title in known]
    if len(places) != 1:
        raise UnreadableListError("No column, or more than one, can be the one meant; name it: column=…")
    title = titles[places[0]]
    if "@" in title or sum(map(str.isdecimal, title)) >= _DIGITS_OF_A_NUMBER:
        raise UnreadableListError("The first line is a row and no header; number the column: column=1.")
    return places[0]


def separator_of(line: str) -> str:
    """The one that stands most often outside quotes in the first line; a comma where there is none."""
    outside = "".join(line.split('"')[0::2])
    return max(SEPARATORS, key=outside.count)


def parsed_rows(text: str, separator: str, most: int | None = None) -> tuple[list[str], list[list[str]]]:
    """The whole rows at the beginning of a text of lines: as written, and their fields. A line of ours at the
    end shows whether the row before it was closed: if not, it has become a part of that row."""
    lines = text.split("\n")[:-1]
    parsed = text.replace("\r\n", "\n").replace("\r", " ").split("\n")[:-1]
    reader = csv.reader(chain((f"{line}\n" for line in parsed), [_END]), delimiter=separator)
    raws: list[str] = []
    rows: list[list[str]] = []
    begun = 0
    try:
        for row in reader:
            if reader.line_num > len(lines) or len(rows) == most:
                break
            raws.append("\n".join(lines[begun : reader.line_num]) + "\n")
            rows.append(row)
            begun = reader.line_num
    except csv.Error:
        raise UnreadableListError("A field is too long; a quote may not be closed.") from None
    return raws, rows
