"""What a request sends to the database."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import TextClause, event

from app.storage.database import Database
from app.storage.straight import Answered, Straight


class _Heard(Straight):
    """A connection that tells what goes over it."""

    def __init__(self, driver: Any, seen: list[str]) -> None:
        super().__init__(driver)
        self._seen = seen

    async def execute(self, sql: TextClause, values: Mapping[str, Any] | None = None, /) -> Answered:
        """See Straight."""
        self._seen.append(sql.text)
        return await super().execute(sql, values)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is sent to the database while the block runs, over connections that were open before it."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = database._api.sync_engine
    pools = [database._lookups, database._fetches, database._glances, database._notes]
    event.listen(engine, "before_cursor_execute", note)
    for pool in pools:
        pool._idle = [_Heard(one.driver, seen) for one in pool._idle]
    yield seen
    for pool in pools:
        pool._idle = [Straight(one.driver) for one in pool._idle]
    event.remove(engine, "before_cursor_execute", note)
