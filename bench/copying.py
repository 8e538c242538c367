"""Rows in PostgreSQL's binary COPY format, made with numpy: every column of one width ("COPY")."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"

Column = NDArray[Any] | bytes
"""A value for each row: integers big-endian, or rows of bytes; or one text for all of them."""


def binary(columns: Mapping[str, Column], rows: int) -> bytes:
    """The bytes that COPY … FROM STDIN (FORMAT binary) takes, for the columns in their order."""
    fields: list[tuple[Any, ...]] = [("count", ">i2")]
    for name, column in columns.items():
        fields.append((f"{name} width", ">i4"))
        fields.append((name, f"S{len(column)}") if isinstance(column, bytes) else _typed(name, column))
    table = np.zeros(rows, np.dtype(fields))
    table["count"] = len(columns)
    for name, column in columns.items():
        table[f"{name} width"] = table.dtype[name].itemsize
        table[name] = column
    return _HEAD + table.tobytes() + _TAIL


def _typed(name: str, column: NDArray[Any]) -> tuple[Any, ...]:
    if column.ndim > 1:
        return (name, "u1", column.shape[1:])
    return (name, column.dtype.newbyteorder(">"))


def joined(digests: bytes, width: int = 16) -> NDArray[np.uint8]:
    """Values of one width that stand one after another, as a column."""
    return np.frombuffer(digests, np.uint8).reshape(-1, width)


def texts(values: Sequence[str]) -> NDArray[np.uint8]:
    """ASCII texts of one length, as a column."""
    return joined("".join(values).encode(), len(values[0]))


class Once:
    """Bytes as the asynchronous source that asyncpg takes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content
