"""What rests on a mandate: the objections received under it, and the lists that they reach."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from app.storage.units import ReadUnit, Rows

_RESTING = text("""
SELECT o.id, o.state, o.received_at, c.controller_no FROM registry.objection_now o
JOIN registry.objection_controller c ON c.objection_id = o.id
WHERE o.mandate_id = :mandate_id AND c.controller_no = ANY(:numbers) ORDER BY o.id, c.controller_no
""")
_REACHED = text("""
SELECT DISTINCT c.controller_no FROM registry.objection o
JOIN registry.objection_controller c ON c.objection_id = o.id WHERE o.mandate_id = :mandate_id
ORDER BY c.controller_no
""")
_UNDER = text("""
SELECT * FROM registry.objection_now WHERE mandate_id = :mandate_id AND state = ANY(:states) ORDER BY id
""")


async def resting_objections(unit: ReadUnit, mandate_id: UUID, numbers: Collection[int]) -> Rows:
    """The objections under a mandate that reach any of these lists, oldest first."""
    return await unit.rows(_RESTING, {"mandate_id": mandate_id, "numbers": sorted(numbers)})


async def reached_lists(unit: ReadUnit, mandate_id: UUID) -> list[int]:
    """The numbers of all lists that objections under a mandate reach; 0 for all controllers."""
    return [row.controller_no for row in await unit.rows(_REACHED, {"mandate_id": mandate_id})]


async def objections_under(unit: ReadUnit, mandate_id: UUID, states: Collection[str]) -> Rows:
    """The objections under a mandate that are in one of these states, oldest first."""
    return await unit.rows(_UNDER, {"mandate_id": mandate_id, "states": sorted(states)})


_DOUBTED = text("""
SELECT o.*, (SELECT p.state FROM registry.objection_state p
             WHERE p.objection_id = o.id AND p.ordinal = o.ordinal - 1) AS before
FROM registry.objection_now o
JOIN registry.objection_state s ON s.objection_id = o.id AND s.ordinal = o.ordinal
WHERE o.mandate_id = :mandate_id AND o.state = 'contested' AND s.at = :at ORDER BY o.id
""")


async def doubted_with(unit: ReadUnit, mandate_id: UUID, at: datetime) -> Rows:
    """The objections that are contested since their mandate was (at that moment), with their state before."""
    return await unit.rows(_DOUBTED, {"mandate_id": mandate_id, "at": at})


_LONG = text("""
SELECT s.mandate_id FROM registry.mandate_state s
WHERE s.state = 'contested' AND s.at <= :before
  AND NOT EXISTS (SELECT FROM registry.mandate_state n
                  WHERE n.mandate_id = s.mandate_id AND n.ordinal > s.ordinal)
ORDER BY s.at LIMIT 1000
""")


async def long_contested(unit: ReadUnit, before: datetime) -> list[UUID]:
    """The mandates that have been contested since then or longer, the oldest doubt first."""
    return [row.mandate_id for row in await unit.rows(_LONG, {"before": before})]
