"""Dropping an old list of a national register: the operator's own act, under the rights of the tables' owner.

No role of the service may remove a row of the register, and none gets a way to ask for it. What goes are the
rows of a list that is not asked any more. Its id, date and figures stay: answers and receipts name it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_bytes
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.domain.ids import uuid7
from app.domain.refusals import OperatorError, UnavailableError
from app.storage.database import async_url
from app.storage.fact_tables import REGISTER_SNAPSHOT_DROPPED
from app.storage.tables import EVENT
from app.storage.units import statement

_OWNER = text("SET LOCAL ROLE sparr_owner")
_ALONE = text("SELECT pg_try_advisory_xact_lock(7233) AS alone")
_IN_USE = text("""
SELECT s.snapshot_no, s.id, s.version_date FROM registry.register_snapshot s
JOIN registry.register_snapshot_ready r ON r.snapshot_no = s.snapshot_no
WHERE s.register_code = :code
  AND NOT EXISTS (SELECT FROM registry.register_snapshot_dropped d WHERE d.snapshot_no = s.snapshot_no)
ORDER BY s.version_date DESC, s.snapshot_no DESC
""")
_DROP = statement("drop_register_rows")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A snapshot that is asked no more, and how many rows it had."""

    id: UUID
    rows: int


async def drop_snapshots(url: str, code: str, version_date: date, now: datetime) -> list[Dropped]:
    """Drop every list of a register of that date, in one transaction. `url` names a superuser, like that of
    `migrate`. OperatorError for the newest list, for none, and while a list is being imported."""
    engine = create_async_engine(async_url(url), poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.begin() as connection:
            await connection.execute(_OWNER)
            if not (await connection.execute(_ALONE)).scalar_one():
                raise OperatorError("a list is being imported; drop another one when that is done")
            in_use = (await connection.execute(_IN_USE, {"code": code})).all()
            return [await _drop(connection, code, row, now) for row in _old(in_use, code, version_date)]
    except (SQLAlchemyError, OSError) as failed:
        # The driver's own text can quote a row.
        raise UnavailableError(type(failed).__name__) from None
    finally:
        await engine.dispose()


def _old(in_use: Sequence[Row[Any]], code: str, version_date: date) -> list[Row[Any]]:
    """Those of that date. Lookups ask the newest list, and nobody needs one that is older."""
    wanted = [row for row in in_use if row.version_date == version_date]
    if not wanted:
        raise OperatorError(f"there is no list of {code} of {version_date}")
    if in_use[0] in wanted:
        raise OperatorError(
            f"{version_date} is the newest list of {code}, which lookups ask; import a newer one"
        )
    return wanted


async def _drop(connection: AsyncConnection, code: str, row: Row[Any], now: datetime) -> Dropped:
    event_id = uuid7(now, token_bytes(10))
    rows = (await connection.execute(_DROP, {"number": row.snapshot_no})).rowcount - 1
    told = {"code": code, "version_date": row.version_date.isoformat(), "rows": rows}
    event = {"id": event_id, "at": now, "kind": "register.dropped", "object_id": row.id, "outcome": "done"}
    await connection.execute(insert(EVENT), [{**event, "detail": told}])
    dropped = {"snapshot_no": row.snapshot_no, "row_count": rows, "at": now, "event_id": event_id}
    await connection.execute(insert(REGISTER_SNAPSHOT_DROPPED), [dropped])
    return Dropped(row.id, rows)
