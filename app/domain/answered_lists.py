"""A list with its answers, as a sender keeps it, read again: what each row states, and what was answered.

The reverse of what a list's form and `commit_list` do: the answer alone opens a row of the receipt's tree.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from app.domain.recipient_rows import UnreadableListError
from app.domain.rows_of_csv import MARK, parsed_rows, separator_of, titled_column
from app.domain.rows_of_ndjson import stated_in

Read = tuple[list[Any], list[str]]
"""By row what it states, and its verdict, such as `block OBJ_DM`."""

_UNREAD: Final = "INPUT_INVALID"
_DECISIONS: Final = frozenset({"allow", "block"})
_ADDED: Final = 2


def parted(text: str) -> tuple[str, dict[str, Any]]:
    """The rows of an answer, and the summary in its last line; {} where that was taken off."""
    begun = text.rfind("\n", 0, len(text) - 1) + 1
    last = text[begun:].strip().removeprefix(MARK)
    try:
        summary = json.loads(last)["summary"]
    except (ValueError, KeyError, TypeError):
        return text, {}
    return text[:begun], summary if isinstance(summary, dict) else {}


def answered_list(text: str, column: str | None, kind: str | None) -> Read:
    """The rows of an answer: JSON when it begins as that does, else CSV with a column that is named as in the
    question. Raises UnreadableListError."""
    bare = text.removeprefix("\ufeff")
    try:
        read = _of_json(bare) if bare.startswith("{") else _of_csv(bare, column, kind)
    except (ValueError, KeyError, IndexError, AttributeError):
        raise UnreadableListError("This is no list with answers.") from None
    items, verdicts = read
    unread = f"block {_UNREAD}"
    stated = [None if verdict == unread else item for item, verdict in zip(items, verdicts, strict=True)]
    return stated, verdicts


def _of_json(text: str) -> Read:
    read = [stated_in(line) for line in text.split("\n") if line]
    return [item for item, _, _ in read], [f"{decision} {code}" for _, decision, code in read]


def _of_csv(text: str, column: str | None, kind: str | None) -> Read:
    _, rows = parsed_rows(text, separator_of(text.partition("\n")[0]))
    if not rows:
        return [], []
    headed = rows[0][-_ADDED] not in _DECISIONS
    place = _place(rows[0][:-_ADDED], column, kind, headed=headed)
    del rows[: int(headed)]
    return [row[place] for row in rows], [f"{row[-2]} {row[-1]}" for row in rows]


def _place(first: Sequence[str], column: str | None, kind: str | None, *, headed: bool) -> int:
    if column is not None and column.isdecimal():
        return int(column) - 1
    if not headed:
        raise UnreadableListError("Without a header the column is named by its number: column=1.")
    return titled_column(first, column, kind)
