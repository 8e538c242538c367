"""What a database is, one line for each fact: whatever a migration says or leaves out changes a line.

`schema.txt` is the schema as it was agreed. `pytest tests/migrations/test_schema.py --write-schema` writes
it anew after a migration; what it then differs in is read line by line, like the migration itself.
"""

from pathlib import Path
from typing import Any

AGREED = Path(__file__).with_name("schema.txt")

SCHEMA = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


async def schema_of(connection: Any) -> set[str]:
    """Every fact of the schema, of who owns it and of who may do what."""
    await connection.execute("SET search_path = pg_catalog")
    return {row["fact"] for row in await connection.fetch(SCHEMA)}


def agreed() -> set[str]:
    return set(AGREED.read_text(encoding="utf-8").splitlines())


def as_agreed(facts: set[str]) -> str:
    return "".join(f"{fact}\n" for fact in sorted(facts))
