"""How long it took from the receipt of an objection until it was in force for good.

An objection blocks from its receipt. In force for good it is when its mandate reaches the level that every
controller demands: mostly in the same transaction, so after nothing; else after somebody has looked.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.refusals import Refusal, RefusedError
from app.storage.effects import effects
from app.storage.units import ReadUnit


@dataclass(frozen=True, slots=True)
class Effect:
    """The objections of one agent, or of everybody (`agent_id` None). Times in seconds; None where nothing
    has come into force. `waiting` ones are still being verified."""

    agent_id: UUID | None
    received: int
    effective: int
    immediate: int
    waiting: int
    waiting_since: datetime | None
    p50: float | None
    p95: float | None
    p99: float | None
    longest: float | None


_NOTHING = Effect(None, 0, 0, 0, 0, None, None, None, None, None)


async def read_effects(unit: ReadUnit, begin: datetime, end: datetime) -> tuple[Effect, list[Effect]]:
    """Of all objections received in that time, and of each agent's. RefusedError INVALID_TIME."""
    if begin >= end:
        raise RefusedError(Refusal.INVALID_TIME, "The time ends before it begins.")
    rows = await effects(unit, begin, end)
    found = [(row.everybody, _effect(row)) for row in rows]
    everybody = next((one for all_, one in found if all_ and one.received), _NOTHING)
    return everybody, [one for all_, one in found if not all_ and one.agent_id is not None]


def _effect(row: Any) -> Effect:
    told = row._asdict()
    p50, p95, p99 = told["percentiles"] or (None, None, None)
    names = ("agent_id", "received", "effective", "immediate", "waiting", "waiting_since", "longest")
    return Effect(**{name: told[name] for name in names}, p50=p50, p95=p95, p99=p99)
