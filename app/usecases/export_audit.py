"""Taking audit data away, as CSV or JSON Lines: journalled with its purpose before the first row leaves.

Page after page, each a short transaction of its own, so that memory does not grow with the export.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from app.domain.deadlines import OpenPlace
from app.domain.exported_rows import csv_line, json_line
from app.domain.parties import Caller
from app.domain.refusals import Refusal, RefusedError
from app.storage.database import Database
from app.storage.events import Event
from app.storage.exports import EXPORTS, PAGE, before_everything_since, exported_page
from app.usecases.act import Act
from app.usecases.read_open_things import FIRST, OpenThing, read_open_things
from app.usecases.record_readings import record_readings

EXPORTED: Final = "audit.exported"
DEADLINES: Final = "deadlines"
_DUE: Final = ("id", "kind", "begun_at", "due_on", "days_left", "agent_id", "controller_id")
_AS_CSV: Final = "csv"


@dataclass(frozen=True, slots=True)
class ExportCommand:
    """What is taken away (`name`), as what, and of which time."""

    name: str
    form: str
    begin: datetime
    end: datetime


async def export_audit(database: Database, act: Act, command: ExportCommand) -> AsyncIterator[bytes]:
    """Journal an export, and give the pieces of it. RefusedError INVALID_TIME."""
    if command.begin >= command.end:
        raise RefusedError(Refusal.INVALID_TIME, "The time ends before it begins.")
    await _journal(database, act, command)
    return _pieces(database, act.now, command)


async def _journal(database: Database, act: Act, command: ExportCommand) -> None:
    caller: Caller = act.who
    detail = {"export": command.name, "form": command.form}
    detail |= {"from": command.begin.isoformat(), "to": command.end.isoformat()}
    async with database.write() as unit:
        await record_readings(unit, act, [Event(act.event_id, act.now, EXPORTED, caller, detail=detail)])


async def _pieces(database: Database, now: datetime, command: ExportCommand) -> AsyncIterator[bytes]:
    columns = _DUE if command.name == DEADLINES else EXPORTS[command.name][1]
    lead = csv_line(columns) if command.form == _AS_CSV else ""
    pages = _deadlines(database, now, command) if command.name == DEADLINES else _rows(database, command)
    async for rows in pages:
        yield "".join((lead, *(_line(command.form, row) for row in rows))).encode()
        lead = ""
    yield lead.encode()


async def _rows(database: Database, command: ExportCommand) -> AsyncIterator[list[dict[str, Any]]]:
    after, more = before_everything_since(command.begin), True
    while more:
        async with database.read() as unit:
            rows = await exported_page(unit, command.name, after, command.end)
        more = len(rows) == PAGE
        if rows:
            after = rows[-1]["id"]
        yield rows


async def _deadlines(
    database: Database, now: datetime, command: ExportCommand
) -> AsyncIterator[list[dict[str, Any]]]:
    """What is open now and began in that time."""
    after, more = OpenPlace(command.begin, "", FIRST.id), True
    while more:
        async with database.write() as unit:
            found = await read_open_things(unit, now, after, PAGE)
        more = len(found) == PAGE
        if found:
            after = found[-1].place
        yield [_due(one) for one in found if one.begun_at < command.end]


def _due(one: OpenThing) -> dict[str, Any]:
    told = (one.place.id, one.kind.value, one.begun_at, one.due_on, one.days_left)
    return dict(zip(_DUE, (*told, one.agent_id, one.controller_id), strict=True))


def _line(form: str, row: Mapping[str, Any]) -> str:
    told = {name: _plain(value) for name, value in row.items()}
    return csv_line(told.values()) if form == _AS_CSV else json_line(told)


def _plain(value: Any) -> Any:
    """Times as RFC 3339 in UTC, ids as text."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID | date):
        return str(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
