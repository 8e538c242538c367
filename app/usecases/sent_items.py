"""The recipients of one lookup as they were sent, laid out so that arrays can read the ordinary ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np

from app.domain.column import Bytes, Column, Indices

TYPES: Final = ("", "phone", "email")
"""What an item in a column can be: a bare text, or `{"type": …, "value": …}` of one of these types."""

_CODES: Final[Mapping[object, int]] = {name: code for code, name in enumerate(TYPES) if name}


class SentItems(Sequence[Any]):
    """Items of which each is a text, or an object of a type and a text. `types` are places in TYPES."""

    __slots__ = ("texts", "types")

    def __init__(self, texts: Column, types: Bytes) -> None:
        self.texts = texts
        self.types = types

    def __repr__(self) -> str:
        return f"SentItems({len(self)} items)"

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> "SentItems": ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return SentItems(self.texts[place], self.types[place])
        return _item(TYPES[self.types[place]], self.texts[place])

    def __iter__(self) -> Iterator[Any]:
        return (_item(TYPES[code], text) for code, text in zip(self.types.tolist(), self.texts, strict=True))


def _item(type_: str, text: str) -> Any:
    return {"type": type_, "value": text} if type_ else text


@dataclass(frozen=True, slots=True)
class Arranged:
    """The items that are alike, each with its index, and the indices of all others."""

    items: SentItems
    owners: Indices
    others: Sequence[int]


def arrange(items: Sequence[Any]) -> Arranged:
    """Part the ordinary items from the others."""
    if isinstance(items, Column):
        items = SentItems(items, np.zeros(len(items), np.uint8))
    if isinstance(items, SentItems):
        return Arranged(items, np.arange(len(items)), ())
    texts: list[str] = []
    types: list[int] = []
    owners: list[int] = []
    others: list[int] = []
    for index, item in enumerate(items):
        code, text = (0, item) if isinstance(item, str) else _typed(item)
        if isinstance(text, str):
            texts.append(text)
            types.append(code)
            owners.append(index)
        else:
            others.append(index)
    alike = SentItems(Column.of(texts), np.array(types, np.uint8))
    return Arranged(alike, np.array(owners, np.int64), others)


def _typed(item: Any) -> tuple[int, object]:
    """The place in TYPES and the text; no text for an item that is anything else."""
    if not isinstance(item, dict) or len(item) != len(("type", "value")):
        return 0, None
    type_ = item.get("type")
    code = _CODES.get(type_) if isinstance(type_, str) else None
    return (code, item.get("value")) if code is not None else (0, None)
