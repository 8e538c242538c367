"""Small acts in units, for tests of what becomes of them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from app.storage.database import Database
from app.storage.events import Event, record_events
from app.storage.sealed import Plain, seal, unseal
from app.storage.units import ReadUnit, WriteUnit
from app.storage.versions import take_versions

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLANTED = "+46701740699"
ONE = text("SELECT 1")

Opened = Callable[[], AbstractAsyncContextManager[ReadUnit]]

_EVENT = text("SELECT 1 FROM registry.event WHERE id = :id")
_VERSION = text("SELECT 1 FROM registry.controller_version WHERE controller_no = 0 AND event_id = :id")


async def do(unit: WriteUnit, act: UUID) -> None:
    """An act on the list of all controllers: event, version, sealed row."""
    await record_events(unit, [Event(act, NOW, "test", None)])
    await take_versions(unit, [0], act, NOW)
    await seal(unit, [Plain(act, act, "test", PLANTED)], NOW)


async def do_and_raise(database: Database, act: UUID, error: type[BaseException]) -> None:
    async with database.write() as unit:
        await do(unit, act)
        raise error


async def done(database: Database, act: UUID) -> tuple[bool, bool, bool]:
    """Whether event, version and sealed row are there."""
    async with database.read() as unit:
        await unit.declare([0])
        event, version = await unit.row(_EVENT, {"id": act}), await unit.row(_VERSION, {"id": act})
        return event is not None, version is not None, bool(await unseal(unit, [act]))


async def ask(opened: Opened, sql: TextClause = ONE, values: dict[str, Any] | None = None) -> Any:
    """The first value of a statement in a unit of its own."""
    async with opened() as unit:
        return (await unit.rows(sql, values))[0][0]
