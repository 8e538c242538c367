"""Objections: acts of will, written once. Their state is the newest of their state rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.domain.objection import IN_FORCE, ObjectionState
from app.storage.columns import ids
from app.storage.tables import OBJECTION, OBJECTION_CONTROLLER, OBJECTION_IDENTIFIER, OBJECTION_STATE
from app.storage.units import ReadUnit, Rows, WriteUnit

_LOAD = text("SELECT * FROM registry.objection_now WHERE id = ANY(:ids)")
# One probe for each will, whatever the planner believes: an array that is cast while the statement runs is
# searched from its beginning for each row, and ten thousand of both took longer than a statement may.
_STANDING = text("""
SELECT o.id, n.will, o.received_at, o.state
FROM unnest(CAST(CAST(:wills AS text) AS uuid[])) AS n (will)
CROSS JOIN LATERAL (SELECT x.id, x.received_at, x.state FROM registry.objection_now x
                    WHERE x.will = n.will AND x.state = ANY(:in_force) ORDER BY x.id DESC LIMIT 1) o
""")
_CONTROLLERS = text("""
SELECT objection_id, controller_no FROM registry.objection_controller
WHERE objection_id = ANY(:ids) ORDER BY objection_id, controller_no
""")
_IDENTIFIERS = text("""
SELECT * FROM registry.objection_identifier WHERE objection_id = ANY(:ids) ORDER BY objection_id, position
""")
_ENTRIES = text("""
SELECT e.objection_id, e.controller_no, e.id FROM registry.entry e
JOIN registry.objection_identifier i ON i.objection_id = e.objection_id AND i.sealed_id = e.sealed_id
WHERE CAST(e.controller_no AS int8) = ANY(:numbers) AND e.objection_id = ANY(:ids)
ORDER BY e.objection_id, e.controller_no, i.position, e.kind
""")
_VERSIONS = text("""
SELECT e.object_id, CAST(v.key AS int4) AS controller_no, max(CAST(v.value AS int8)) AS version
FROM registry.event e, jsonb_each_text(e.detail -> 'versions') v
WHERE e.object_id = ANY(:ids) GROUP BY e.object_id, v.key
""")
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


async def standing_wills(unit: ReadUnit, wills: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """The newest objection in force (id, received_at, state) for each of these wills."""
    values = {"wills": ids(wills), "in_force": [state.value for state in IN_FORCE]}
    return {row.will: row for row in await unit.rows(_STANDING, values)}


async def objection_row(unit: ReadUnit, objection_id: UUID) -> Row[Any] | None:
    """One objection with `state`, `ordinal` and `actor_id` of its newest state."""
    return await unit.row(_LOAD, {"ids": [objection_id]})


async def objection_controllers(unit: ReadUnit, objection_id: UUID) -> list[int]:
    """The numbers of the lists that an objection reaches; 0 for all controllers."""
    return [row.controller_no for row in await unit.rows(_CONTROLLERS, {"ids": [objection_id]})]


async def objection_identifiers(unit: ReadUnit, objection_id: UUID) -> Rows:
    """The identifier rows of an objection, in the order in which they came."""
    return await unit.rows(_IDENTIFIERS, {"ids": [objection_id]})


@dataclass(frozen=True, slots=True)
class StoredObjection:
    """One objection as its rows tell it: itself with its newest state, its identifiers in their order, by
    list the entries that it made there, and by list the version that its newest act took."""

    row: Row[Any]
    identifiers: Rows
    entries: Mapping[int, Sequence[UUID]]
    versions: Mapping[int, int]


async def stored_objections(unit: ReadUnit, ids: Collection[UUID]) -> dict[UUID, StoredObjection]:
    """Whole objections, one statement per kind of row however many there are."""
    asked = {"ids": list(ids)}
    found = await unit.rows(_LOAD, asked)
    entries: dict[UUID, dict[int, list[UUID]]] = {row.id: {} for row in found}
    for row in await unit.rows(_CONTROLLERS, asked):
        entries[row.objection_id][row.controller_no] = []
    numbers = {number for lists in entries.values() for number in lists}
    await unit.declare(numbers)
    for row in await unit.rows(_ENTRIES, {**asked, "numbers": list(numbers)}):
        entries[row.objection_id][row.controller_no].append(row.id)
    identifiers: dict[UUID, list[Row[Any]]] = {row.id: [] for row in found}
    for row in await unit.rows(_IDENTIFIERS, asked):
        identifiers[row.objection_id].append(row)
    versions: dict[UUID, dict[int, int]] = {row.id: {} for row in found}
    for row in await unit.rows(_VERSIONS, asked):
        versions[row.object_id][row.controller_no] = row.version
    return {
        row.id: StoredObjection(row, identifiers[row.id], entries[row.id], versions[row.id]) for row in found
    }


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


_ASSESS = text("""
INSERT INTO registry.objection_assessment
       (controller_no, objection_id, ordinal, outcome, at, version, event_id)
SELECT CAST(:controller_no AS int4), CAST(:objection_id AS uuid),
       1 + coalesce((SELECT max(a.ordinal) FROM registry.objection_assessment a
                     WHERE a.controller_no = :controller_no AND a.objection_id = :objection_id), 0),
       :outcome, :at, :version, :event_id
""")


async def add_assessment(unit: WriteUnit, row: Mapping[str, Any]) -> None:
    """How a controller weighed a general objection, after whatever it said of it before."""
    await unit.run(_ASSESS, row)
