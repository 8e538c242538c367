"""How a table is written down, its columns grouped by type, and how rows go into it: many as one statement,
a column as one array. A driver that is handed row after row takes five times as long."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TextClause,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

METADATA = MetaData()

_TYPES: dict[str, TypeEngine[Any]] = {
    "uuid": Uuid(as_uuid=True),
    "time": DateTime(timezone=True),
    "date": Date(),
    "text": Text(),
    "int2": SmallInteger(),
    "int4": Integer(),
    "int8": BigInteger(),
    "flag": Boolean(),
    "blob": LargeBinary(),
    "json": JSONB(),
    "texts": ARRAY(Text()),
    "ints": ARRAY(Integer()),
    "int8s": ARRAY(BigInteger()),
}


def table(name: str, *, key: str, optional: str = "", **columns: str) -> Table:
    """A table under its schema and name; `key` and `optional` are names divided by spaces, as are columns."""
    schema, _, short = name.partition(".")
    keys, nullable = key.split(), optional.split()
    parts = [
        Column(
            column, _TYPES[kind], primary_key=column in keys, nullable=column in nullable, autoincrement=False
        )
        for kind, names in columns.items()
        for column in names.split()
    ]
    return Table(short, METADATA, *parts, schema=schema)


@lru_cache(maxsize=128)
def inserting(into: Table, columns: tuple[str, ...]) -> TextClause:
    """The statement that inserts rows of these columns, each column given as one array."""
    ways = [_WAYS[type(into.c[name].type)] for name in columns]
    arrays = (
        f"CAST(CAST(:{name} AS {way.sent}) AS {way.element}[])"
        for name, way in zip(columns, ways, strict=True)
    )
    values = (f"CAST(n.{name} AS {_cast(into.c[name].type)})" for name in columns)
    names = ", ".join(columns)
    sql = f"INSERT INTO {into.fullname} ({names}) SELECT {', '.join(values)}"
    return text(f"{sql} FROM unnest({', '.join(arrays)}) AS n ({names})")


def arrays_of(into: Table, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The same rows, turned: an array for each column."""
    ways = ((name, _WAYS[type(into.c[name].type)]) for name in columns)
    return {name: way.turned([row[name] for row in rows]) for name, way in ways}


def _cast(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, ARRAY):
        return f"{_WAYS[type(kind.item_type)].element}[]"
    return "jsonb" if isinstance(kind, JSONB) else _WAYS[type(kind)].element


def _literal(values: Sequence[Any]) -> str:
    """An array as PostgreSQL reads it. The driver would look at every element of a list several times."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def ids(values: Iterable[UUID | None]) -> str:
    """Ids as PostgreSQL reads an array of them; `CAST(CAST(:ids AS text) AS uuid[])` in a statement."""
    return "{" + ",".join(["NULL" if value is None else value.hex for value in values]) + "}"


def _times(values: Sequence[datetime | date | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else value.isoformat() for value in values]) + "}"


def _json(values: Sequence[Any]) -> list[str | None]:
    return [None if value is None else json.dumps(value) for value in values]


def _quoted(values: Sequence[Sequence[str | int] | None]) -> list[str | None]:
    """Arrays of arrays would be taken apart to the last, so that each of them travels as a text."""
    return [None if value is None else "{" + ",".join(map(_quote, value)) + "}" for value in values]


def _quote(value: str | int) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Way(NamedTuple):
    """How a column travels: the array's element, as what the array is sent, and how it is made."""

    element: str
    sent: str
    turned: Callable[[Sequence[Any]], Any]


_WAYS: dict[type[TypeEngine[Any]], _Way] = {
    Uuid: _Way("uuid", "text", ids),
    DateTime: _Way("timestamptz", "text", _times),
    Date: _Way("date", "text", _times),
    Text: _Way("text", "text[]", list),
    SmallInteger: _Way("int2", "text", _literal),
    Integer: _Way("int4", "text", _literal),
    BigInteger: _Way("int8", "text", _literal),
    Boolean: _Way("bool", "text", _literal),
    LargeBinary: _Way("bytea", "bytea[]", list),
    JSONB: _Way("text", "text[]", _json),
    ARRAY: _Way("text", "text[]", _quoted),
}
