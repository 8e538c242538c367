"""Everything that can be left out of a script of SQL, one thing at a time.

A removal is a whole statement, also one inside of a `DO` block; a privilege, an object or a role of a grant;
an element of an array that a block walks through; a constraint of a table or the last column of a key; a
condition of a policy or an index; an option of a view, a function or a role. What is left is valid SQL
wherever it can be.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

Span = tuple[int, int]


class Removal(NamedTuple):
    kind: str
    line: int
    removed: str
    text: str
    """The script without it."""


_TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\$\$.*?\$\$|[();]", re.DOTALL)
_EXECUTED = re.compile(r"(?<![\w'])EXECUTE format\([^;]*;")
_GRANTS = re.compile(r"GRANT\s+([A-Z, ]+?)\s+ON\s+((?:SCHEMA|DATABASE)\s)?([\w%.,\s]+?)\s+TO\s+([\w,\s]+)")
_ARRAY = re.compile(r"ARRAY\[([^\]\[]+)\]")
_TABLE = re.compile(r"CREATE TABLE [\w.]+ \((.*?)\n\);", re.DOTALL)
_LIST_KEY = re.compile(r"(?:PRIMARY KEY|UNIQUE) \(([\w, ]+)\)")
_PIECES = {
    "reference": re.compile(r" REFERENCES [\w.]+ \(\w+\)"),
    "unique": re.compile(r" UNIQUE\b(?! \()"),
    "key": re.compile(r" PRIMARY KEY\b(?! \()"),
    "default": re.compile(r" DEFAULT '[^']*'"),
    "table constraint": re.compile(r",\s+(?:PRIMARY KEY|UNIQUE) \([\w, ]+\)"),
}
_OPTIONS = {
    "option of a view": re.compile(r" WITH \(security_invoker = true\)"),
    "option of a function": re.compile(r"SET search_path = pg_catalog (?=AS)"),
    "option of a role": re.compile(r" NOINHERIT"),
    "condition of an index": re.compile(r"(?<=\)) WHERE [^;]+(?=;)"),
}
_CONDITION = re.compile(r"(?:USING|WITH CHECK) (?=\()")


def removals(script: str) -> Iterator[Removal]:
    for kind, (start, end) in _spans(script):
        piece = script[start:end]
        line = script.count("\n", 0, end - len(piece.lstrip())) + 1
        yield Removal(kind, line, " ".join(piece.split()), script[:start] + script[end:])


def _spans(script: str) -> Iterator[tuple[str, Span]]:
    yield from (("statement", span) for span in statements(script))
    yield from (("statement in a block", found.span()) for found in _EXECUTED.finditer(script))
    yield from _listed(script)
    for found in _TABLE.finditer(script):
        yield from _constraints(script, found.span(1))
    for found in _CONDITION.finditer(script):
        yield "condition of a policy", (found.start(), _closing(script, found.end()))
    for kind, pattern in _OPTIONS.items():
        yield from ((kind, found.span()) for found in pattern.finditer(script))


def _listed(script: str) -> Iterator[tuple[str, Span]]:
    for found in _GRANTS.finditer(script):
        for group, kind in ((1, "privilege"), (3, "object"), (4, "role")):
            yield from ((f"{kind} of a grant", span) for span in _elements(script, found.span(group)))
    for found in _ARRAY.finditer(script):
        yield from (("element of a list", span) for span in _elements(script, found.span(1)))


def statements(script: str) -> Iterator[Span]:
    """The statements of a script, with the comments before them."""
    start = depth = 0
    for token in _TOKEN.finditer(script):
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
        if token.group() == ";" and depth == 0:
            yield start, token.end()
            start = token.end()


def _elements(script: str, span: Span) -> Iterator[Span]:
    """Each element of a list that commas part, with one of its commas; a list of one cannot lose it."""
    parts = script[slice(*span)].split(",")
    at = span[0]
    for number, part in enumerate(parts):
        if len(parts) > 1:
            yield (at, at + len(part) + 1) if number == 0 else (at - 1, at + len(part))
        at += len(part) + 1


def _constraints(script: str, span: Span) -> Iterator[tuple[str, Span]]:
    body, begin = script[slice(*span)], span[0]
    for kind, pattern in _PIECES.items():
        for found in pattern.finditer(body):
            yield kind, (begin + found.start(), begin + found.end())
    keys = [found for found in _LIST_KEY.finditer(body) if "," in found.group(1)]
    for found in keys:
        yield (
            "last column of a key",
            (begin + found.start(1) + found.group(1).rindex(","), begin + found.end(1)),
        )
    keyed = {name for found in _LIST_KEY.finditer(body) if found.group().startswith("PRIMARY")
             for name in found.group(1).split(", ")}  # fmt: skip
    for found in re.finditer(r"^ +(\w+) .*?( NOT NULL)", body, re.MULTILINE):
        # A column of the primary key is never null, whether that is said or not.
        if (
            found.group(1) not in keyed
            and " PRIMARY KEY" not in found.group() + body[found.end() :].partition("\n")[0]
        ):
            yield "not null", (begin + found.start(2), begin + found.end(2))


def _closing(script: str, opening: int) -> int:
    depth = 0
    for at in range(opening, len(script)):
        depth += {"(": 1, ")": -1}.get(script[at], 0)
        if depth == 0:
            return at + 1
    raise ValueError("a parenthesis is never closed")
