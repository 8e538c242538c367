"""Objections: acts of will, written once. Their state is the newest of their state rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.domain.objection import IN_FORCE, ObjectionState
from app.storage.tables import OBJECTION, OBJECTION_CONTROLLER, OBJECTION_IDENTIFIER, OBJECTION_STATE
from app.storage.units import ReadUnit, Rows, WriteUnit

_LOAD = text("SELECT * FROM registry.objection_now WHERE id = :id")
_STANDING = text("""
SELECT DISTINCT ON (will) id, will, received_at, state FROM registry.objection_now
WHERE will = ANY(:wills) AND state = ANY(:in_force) ORDER BY will, id DESC
""")
_CONTROLLERS = text("""
SELECT controller_no FROM registry.objection_controller WHERE objection_id = :id ORDER BY controller_no
""")
_IDENTIFIERS = text("SELECT * FROM registry.objection_identifier WHERE objection_id = :id ORDER BY position")
_NEXT_STATE = text("""
INSERT INTO registry.objection_state (objection_id, ordinal, state, at, actor_id, event_id)
VALUES (:objection_id, :ordinal, :state, :at, :actor_id, :event_id) ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class ObjectionRows:
    """The rows of one or many objections, ready to insert."""

    objections: Sequence[Mapping[str, Any]]
    controllers: Sequence[Mapping[str, Any]]
    identifiers: Sequence[Mapping[str, Any]]
    states: Sequence[Mapping[str, Any]]


async def add_objections(unit: WriteUnit, rows: ObjectionRows) -> None:
    """Write objections, one statement per table."""
    await unit.insert(OBJECTION, rows.objections)
    await unit.insert(OBJECTION_CONTROLLER, rows.controllers)
    await unit.insert(OBJECTION_IDENTIFIER, rows.identifiers)
    await unit.insert(OBJECTION_STATE, rows.states)


async def add_objection_identifiers(unit: WriteUnit, rows: Sequence[Mapping[str, Any]]) -> None:
    """Further identifiers of a will that stands."""
    await unit.insert(OBJECTION_IDENTIFIER, rows)


async def standing_wills(unit: ReadUnit, wills: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """The newest objection in force (id, received_at, state) for each of these wills."""
    values = {"wills": list(wills), "in_force": [state.value for state in IN_FORCE]}
    return {row.will: row for row in await unit.rows(_STANDING, values)}


async def objection_row(unit: ReadUnit, objection_id: UUID) -> Row[Any] | None:
    """One objection with `state`, `ordinal` and `actor_id` of its newest state."""
    return await unit.row(_LOAD, {"id": objection_id})


async def objection_controllers(unit: ReadUnit, objection_id: UUID) -> list[int]:
    """The numbers of the lists that an objection reaches; 0 for all controllers."""
    return [row.controller_no for row in await unit.rows(_CONTROLLERS, {"id": objection_id})]


async def objection_identifiers(unit: ReadUnit, objection_id: UUID) -> Rows:
    """The identifier rows of an objection, in the order in which they came."""
    return await unit.rows(_IDENTIFIERS, {"id": objection_id})


async def add_objection_state(
    unit: WriteUnit,
    *,
    objection_id: UUID,
    ordinal: int,
    state: ObjectionState,
    actor_id: UUID | None,
    event_id: UUID,
    now: datetime,
) -> bool:
    """The next state of an objection; False when somebody else came first with that ordinal."""
    values = {"objection_id": objection_id, "ordinal": ordinal, "state": state.value, "at": now}
    return await unit.run(_NEXT_STATE, {**values, "actor_id": actor_id, "event_id": event_id}) > 0
