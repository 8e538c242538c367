"""Reading mandates: an agent its own, an admin or auditor all; each read of theirs is journalled with the
purpose that they state (GDPR Art. 5(2)). Another agent's mandate is answered like none at all."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.parties import Caller, Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.database import Database
from app.storage.events import Event, events_of
from app.storage.mandate_findings import findings_of
from app.storage.mandates import list_mandates, mandate_rows, mandates_beside
from app.storage.sealed import unseal
from app.storage.units import ReadUnit, Rows, WriteUnit
from app.usecases.act import Act
from app.usecases.mandate_view import BesideView, MandateView, show_beside, show_mandates
from app.usecases.record_readings import record_readings

READ = "mandate.read"

_MOST_BESIDE = 100


@dataclass(frozen=True, slots=True)
class MandateEvent:
    """What happened to a mandate; `detail` holds codes, and the reason or purpose that was stated."""

    id: UUID
    at: datetime
    kind: str
    outcome: str
    actor_role: str | None
    detail: Mapping[str, Any]


async def visible_mandate(unit: ReadUnit, caller: Caller, mandate_id: UUID) -> Any:
    """The row of a mandate that this caller may see. Raises RefusedError MANDATE_NOT_FOUND."""
    rows = await mandate_rows(unit, [mandate_id])
    if not rows or (caller.role is Role.AGENT and rows[0].agent_id != caller.party_id):
        raise RefusedError(Refusal.MANDATE_NOT_FOUND)
    return rows[0]


async def read_mandate(database: Database, act: Act, mandate_id: UUID) -> MandateView:
    """One mandate. Raises RefusedError MANDATE_NOT_FOUND."""
    async with _reading(database, act) as unit:
        row = await visible_mandate(unit, act.who, mandate_id)
        await journal_reads(unit, act, [mandate_id])
        return (await show_mandates(unit, [row], act.now))[0]


async def read_mandates_beside(database: Database, act: Act, mandate_id: UUID) -> tuple[BesideView, ...]:
    """The grantor's other mandates that hold beside one: to an agent its own alone. Whoever is shown them has
    read them. Raises RefusedError MANDATE_NOT_FOUND."""
    agent_id = act.who.party_id if act.who.role is Role.AGENT else None
    async with _reading(database, act) as unit:
        row = await visible_mandate(unit, act.who, mandate_id)
        others = await mandates_beside(unit, row, agent_id, _MOST_BESIDE)
        await journal_reads(unit, act, [mandate_id, *(other.id for other in others)])
        return await show_beside(unit, others, act.now)


async def read_mandate_checks(database: Database, act: Act, mandate_id: UUID) -> tuple[MandateView, Rows]:
    """One mandate with what was found first, and every finding after that."""
    async with _reading(database, act) as unit:
        row = await visible_mandate(unit, act.who, mandate_id)
        await journal_reads(unit, act, [mandate_id])
        view = (await show_mandates(unit, [row], act.now))[0]
        return view, await findings_of(unit, mandate_id)


async def read_mandates(database: Database, act: Act, after: UUID, limit: int) -> list[MandateView]:
    """The mandates that this caller may see, in the order of their ids, after an id."""
    agent_id = act.who.party_id if act.who.role is Role.AGENT else None
    async with _reading(database, act) as unit:
        rows = await list_mandates(unit, agent_id, after, limit)
        await journal_reads(unit, act, [row.id for row in rows])
        return await show_mandates(unit, rows, act.now)


async def read_mandate_events(
    database: Database, act: Act, mandate_id: UUID, after: UUID, before: UUID, limit: int
) -> tuple[list[MandateEvent], bool]:
    """What happened between two event ids, oldest first, and whether there is more. A read is an event as
    well: without an end a reader with short pages would follow its own trace for ever."""
    async with _reading(database, act) as unit:
        await visible_mandate(unit, act.who, mandate_id)
        found = [row for row in await events_of(unit, mandate_id, after, limit + 1) if row.id < before]
        rows = found[:limit]
        stated = await unseal(unit, [row.id for row in rows])
        await journal_reads(unit, act, [mandate_id])
    return [_event(row, act.who, stated.get(row.id, {})) for row in rows], len(found) > limit


def _event(row: Any, reader: Caller, stated: Mapping[str, Any]) -> MandateEvent:
    """An agent sees that its mandate was read, and not what for: that may be a suspicion against it."""
    hidden = {"purpose", "controller_id"} if reader.role is Role.AGENT else set()
    detail = {name: value for name, value in {**row.detail, **stated}.items() if name not in hidden}
    return MandateEvent(row.id, row.at, row.kind, row.outcome, row.actor_role, detail)


@asynccontextmanager
async def _reading(database: Database, act: Act) -> AsyncIterator[ReadUnit]:
    """A read that leaves a trace is committed before its answer leaves; an agent's leaves none."""
    if act.who.role is Role.AGENT:
        async with database.read() as reading:
            yield reading
    else:
        async with database.write() as writing:
            yield writing


async def journal_reads(unit: ReadUnit, act: Act, mandate_ids: Sequence[UUID]) -> None:
    """One event for each mandate that is shown, so that each tells by itself who has read it, and why."""
    if not isinstance(unit, WriteUnit):
        return
    events = [
        Event(act.event_id if place == 0 else act.new_id(), act.now, READ, act.caller, mandate_id)
        for place, mandate_id in enumerate(mandate_ids)
    ]
    await record_readings(unit, act, events)
