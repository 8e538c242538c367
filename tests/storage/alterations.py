"""What a superuser might do to the register: each change on a row of its own, with the name of that row."""

import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from app.crypto.journal_leaves import row_key
from app.domain.journalled import JOURNALLED

_COLUMNS = """
SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_OTHER = {
    "uuid": "gen_random_uuid()",
    "text": "'altered'",
    "text[]": "ARRAY['altered']",
    "integer": "4711",
    "integer[]": "ARRAY[4711]",
    "bigint": "4711",
    "smallint": "77",
    "boolean": "NOT coalesce({column}, false)",
    "timestamp with time zone": "coalesce({column}, now()) + interval '1 microsecond'",
    "date": "{column} + 1",
    "jsonb": """'{{"altered": true}}'""",
    "bytea": "'altered'::bytea",
}
_KEYED = {"uuid", "text", "integer", "bigint", "smallint"}


class Alteration(NamedTuple):
    """A statement that returns the row as it was, or as it was added."""

    table: str
    statement: str

    def name(self, row: str) -> tuple[str, str]:
        """Table and key of what was deleted, changed or added."""
        return self.table, row_key(self.table, json.loads(row))


async def alterations(connection: Any, rows_of_each: int, seed: int) -> list[Alteration]:
    """One for each of so many rows of every table: a column changed, the row deleted, or another added."""
    chance, found = random.Random(seed), list[Alteration]()  # noqa: S311 - the same in every run
    for table in JOURNALLED:
        columns = await connection.fetch(_COLUMNS, f"registry.{table}")
        of_table = f"SELECT ctid::text AS place FROM registry.{table} ORDER BY ctid LIMIT $1"  # noqa: S608 - ours
        rows = await connection.fetch(of_table, rows_of_each)
        for place, row in enumerate(rows):
            possible = list(_of_row(table, row["place"], columns))
            wanted = (possible[0], chance.choice(possible[1:-1]), possible[-1])[place % 3]
            found.append(Alteration(table, wanted))
    return found


def _of_row(table: str, place: str, columns: Any) -> Iterator[str]:
    """Deleting it, changing each of its columns, and adding one like it under another key."""
    types = {column["name"]: column["type"] for column in columns}
    old = f"SELECT to_jsonb(t) FROM registry.{table} t WHERE ctid = '{place}'"  # noqa: S608 - names are ours
    yield f"WITH gone AS (DELETE FROM registry.{table} WHERE ctid = '{place}') {old}"  # noqa: S608 - ours
    for name, kind in types.items():
        other = _OTHER[kind].format(column=f'"{name}"')
        change = f"UPDATE registry.{table} SET \"{name}\" = {other} WHERE ctid = '{place}'"  # noqa: S608 - ours
        yield f"WITH changed AS ({change}) {old}"
    keyed = next(name for name in reversed(JOURNALLED[table]) if types[name] in _KEYED)
    names = ", ".join(f'"{name}"' for name in types)
    copied = ", ".join(_OTHER[kind] if name == keyed else f'"{name}"' for name, kind in types.items())
    copy = f"SELECT {copied} FROM registry.{table} WHERE ctid = '{place}'"  # noqa: S608 - names are ours
    yield f"INSERT INTO registry.{table} AS t ({names}) {copy} RETURNING to_jsonb(t)"
