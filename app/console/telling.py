"""What an event says of itself, made fit for a page: codes in words, counts, no internal number."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.domain.mandate import Outcome

Worded = Callable[[str, str], str]
"""A code of a group in words, or as it is."""

_INTERNAL: Final = frozenset({"version", "versions", "identifiers", "grantor"})
"""Versions are told by the internal numbers of lists; the other two are shown, masked, with their object."""

_WRITTEN: Final = frozenset({"purpose", "reason", "reasons", "reference"})
"""What people wrote stands as they wrote it, even where one of our codes looks like it."""


def told(detail: Mapping[str, Any], code: Worded) -> list[tuple[str, list[str]]]:
    """Each thing that is said, by its name: one text or several."""
    shown = {name: value for name, value in detail.items() if name not in _INTERNAL}
    return [
        (code("field", name), _texts(name, value, code))
        for name, value in shown.items()
        if value not in (None, "", {}, [], False)
    ]


def _texts(name: str, value: Any, code: Worded) -> list[str]:
    if name == "checks" and isinstance(value, Mapping):
        return _checks(value, code)
    if isinstance(value, Mapping):
        plain = {key: one for key, one in value.items() if not isinstance(one, Mapping | list)}
        return [f"{code('field', str(key))}: {_text(str(key), one, code)}" for key, one in plain.items()]
    if isinstance(value, list):
        return [_text(name, one, code) for one in value if isinstance(one, str | int)]
    return [_text(name, value, code)]


def _text(name: str, value: Any, code: Worded) -> str:
    if value is True:
        return code("list", "yes")
    if name == "level":
        return f"L{value}"
    text = str(value)
    if name in _WRITTEN:
        return text
    if name == "kind":  # Of an entry, or of evidence that was opened.
        entry = code("entry", text.upper())
        return code("evidence", text) if entry == text.upper() else entry
    return code(name, text)


def _checks(outcomes: Mapping[str, str], code: Worded) -> list[str]:
    """How many passed, and each that did not: all of them stand with the mandate."""
    passed = Counter(outcomes.values())[Outcome.PASSED]
    others = {check: outcome for check, outcome in outcomes.items() if outcome != Outcome.PASSED}
    counted = [f"{code('outcome', Outcome.PASSED)}: {passed}"] if passed else []
    return [*counted, *(f"{code('check', check)}: {code('outcome', one)}" for check, one in others.items())]
