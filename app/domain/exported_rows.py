"""Rows that leave for somebody's spreadsheet or program: CSV (RFC 4180) and JSON Lines.

A spreadsheet runs a cell that begins like a formula, and a name in a register is written by others. Such a
cell gets an apostrophe before it, which shows it as the text that it is (OWASP, CSV injection).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_QUOTED: Final = (",", '"', "\r", "\n")


def safe_text(value: Any) -> str:
    """A value as the text of a cell. Nothing is an empty one; a list has blanks between its words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    elif isinstance(value, list | tuple):
        text = " ".join(map(str, value))
    else:
        text = str(value)
    return f"'{text}" if text.startswith(BEGINS_A_FORMULA) else text


def csv_line(values: Iterable[Any]) -> str:
    """One record with its line end (RFC 4180 section 2): quoted where a separator, quote or line end is."""
    return ",".join(map(_cell, values)) + "\r\n"


def _cell(value: Any) -> str:
    text = safe_text(value)
    if any(mark in text for mark in _QUOTED):
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text


def json_line(row: Mapping[str, Any]) -> str:
    """One JSON value with its line end."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
