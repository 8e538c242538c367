"""What an event says of itself, made fit for a page: codes, counts and sentences, no internal number."""

from collections.abc import Mapping
from typing import Any, Final

_INTERNAL: Final = frozenset({"versions", "identifiers", "grantor"})
"""Versions are told by the internal numbers of lists; the other two are shown, masked, with their object."""


def told(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Text, numbers, and what is one level deeper of them."""
    shown = {name: _plain(value) for name, value in detail.items() if name not in _INTERNAL}
    return {name: value for name, value in shown.items() if value not in (None, "", {}, [])}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): str(one) for name, one in value.items() if not isinstance(one, Mapping | list)}
    if isinstance(value, list):
        return [str(one) for one in value if isinstance(one, str | int)]
    return str(value)
