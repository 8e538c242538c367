"""Recipients as NDJSON: one on each line, a text or an object.

A text, or any other value, stands in the answer as the member `identifier`. An object keeps its members and
gets two more; it is an identifier itself, or has one as its member `identifier`.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from app.domain.line_rows import LineRows, quoted_texts
from app.domain.recipient_rows import Rows, encoded, is_unicode

_KEYS: Final = ("type", "value", "sha256", "region")
_ADDED: Final = frozenset({"decision", "code"})
_HEAD: Final = '{"identifier":'
_NOT_PLAIN: Final = re.compile(r"[\x00-\x09\x0b-\x1f\\\ud800-\udfff]")


@dataclass(slots=True, repr=False)
class NdjsonList:
    """One list of lines of JSON."""

    opening: str = ""
    skipped: int = 0
    _begun: bool = False

    def read(self, text: str, *, last: bool) -> tuple[Rows, str]:
        """Every line is a row, an empty one too: N lines get N answers."""
        if last and text and not text.endswith("\n"):
            text += "\n"
        if not self._begun:
            self._begun, bare = bool(text), text.removeprefix("\ufeff")
            self.skipped, text = len(encoded(text)) - len(encoded(bare)), bare
        if not text:
            return Rows([], []), ""
        body = text[:-1].replace("\r\n", "\n").removesuffix("\r")
        return _plain(body) or _each(body), ""

    def lines(self, block: bytes) -> LineRows | None:
        """Rows that are texts without an escape."""
        return quoted_texts(block, _HEAD.encode()) if self._begun else None

    def stated(self, items: Sequence[Any]) -> Sequence[Any]:
        """The identifiers, as they are."""
        return items

    def tail(self, decision: str, code: str) -> str:
        """Two more members."""
        return f',"decision":"{decision}","code":"{code}"}}\n'

    def closing(self, document: str) -> str:
        """A line that has no decision."""
        return f"{document}\n"


def _plain(body: str) -> Rows | None:
    """The same as `_each` where all lines are texts without an escape, and None where they are not: as many
    quotes as two for each line, in their places, leave none for the inside of a text."""
    if not body.startswith('"') or not body.endswith('"') or _NOT_PLAIN.search(body):
        return None
    items = body[1:-1].split('"\n"')
    if len(items) != body.count("\n") + 1 or body.count('"') != 2 * len(items):
        return None
    return Rows((_HEAD + body.replace("\n", "\n" + _HEAD)).split("\n"), items)


def _each(body: str) -> Rows:
    rows = [_row(line.strip(" \t\r")) for line in body.split("\n")]
    return Rows([head for head, _ in rows], [item for _, item in rows])


def _row(line: str) -> tuple[str, Any]:
    try:
        value = _DECODER.decode(line)
    except (ValueError, RecursionError):
        value = {}
    if value == {} or not is_unicode(line) or ("\\u" in line and not _whole(value)):
        shown = line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return '{"line":' + json.dumps(shown, ensure_ascii=False), None
    if not isinstance(value, dict):
        return _HEAD + line, value if isinstance(value, str) else None
    if value.keys() & _ADDED:
        return _HEAD + line, _asked(value)
    return line[:-1], _asked(value)


def stated_in(line: str) -> tuple[Any, str, str]:
    """What a line of an answer states, with its decision and code. Raises KeyError, ValueError."""
    value = json.loads(line)
    own = value.get("identifier")
    taken = isinstance(own, dict) and bool(own.keys() & _ADDED)
    return _asked(own if taken else value), value["decision"], value["code"]


def _asked(value: dict[str, Any]) -> Any:
    """What an object asks about: members that belong to no identifier are the sender's own."""
    named = value.get("identifier", value)
    if not isinstance(named, dict):
        return named
    if "all" in named:
        return {"all": named["all"]}
    return {key: named[key] for key in _KEYS if key in named}


def _whole(value: Any) -> bool:
    return is_unicode(json.dumps(value, ensure_ascii=False))


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member has two values")
    return found


def _refused(_constant: str) -> NoReturn:
    raise ValueError("no JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_refused)
