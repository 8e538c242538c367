"""How a table is written down: its columns grouped by type."""

from typing import Any

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
    Uuid,
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
