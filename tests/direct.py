"""The database as its superuser sees it: for looking behind the service, and for breaking things."""

from typing import Any

import asyncpg
from sqlalchemy.engine import make_url


async def superuser(url: str, database: str | None = None) -> Any:
    """A plain asyncpg connection to the database of a URL, or to another one of that server."""
    parsed = make_url(url)
    query = {name: str(value) for name, value in parsed.query.items()}
    return await asyncpg.connect(
        host=query["host"],
        port=int(query["port"]),
        user=parsed.username,
        password=parsed.password,
        database=database or parsed.database,
    )
