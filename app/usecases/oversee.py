"""What those who look after the registry see first: how much comes in, through whom, and what waits."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from app.domain.refusals import Refusal, RefusedError
from app.storage.figures import MOST, agent_reach, agent_row, page_of_agents, received_since
from app.storage.listings import contested_mandates, contested_objections
from app.storage.units import ReadUnit, Rows
from app.usecases.list_registers import RegisterState, list_registers

DAYS: Final = 30
COUNTED: Final = MOST
"""What rests on an agent is counted so far; more is told as more."""
_WAITING: Final = 100
"""Of what waits so many are counted: more than that is "many"."""


@dataclass(frozen=True, slots=True)
class Received:
    """Objections by day (UTC, the days without one too) and by party, the largest first."""

    days: Mapping[date, int]
    parties: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is contested (a hundred means at least that many), and the registers."""

    mandates: int
    objections: int
    registers: tuple[RegisterState, ...]


async def count_received(unit: ReadUnit, now: datetime) -> Received:
    """The figures of the last 30 days. They are counted row by row, so that a very busy registry may not
    answer in time."""
    first = now.date() - timedelta(days=DAYS - 1)
    rows = await received_since(unit, datetime.combine(first, time(), UTC))
    by_day: Counter[date] = Counter()
    by_party: Counter[tuple[UUID, str]] = Counter()
    for row in rows:
        by_day[row.day] += row.received
        by_party[row.party_id, row.party] += row.received
    return Received(
        days={first + timedelta(days=n): by_day[first + timedelta(days=n)] for n in range(DAYS)},
        parties=tuple((name, count) for (_, name), count in by_party.most_common(8)),
    )


async def see_waiting(unit: ReadUnit, now: datetime) -> Waiting:
    """What somebody has to do something about."""
    after = UUID(int=0)
    return Waiting(
        len(await contested_mandates(unit, after, _WAITING)),
        len(await contested_objections(unit, after, _WAITING)),
        tuple(await list_registers(unit, now.date())),
    )


async def list_agents(unit: ReadUnit, after: UUID, limit: int) -> tuple[Rows, bool]:
    """A page of agents in the order of their registration, and whether there is more."""
    rows = await page_of_agents(unit, after, limit + 1)
    return rows[:limit], len(rows) > limit


async def show_agent(unit: ReadUnit, agent_id: UUID) -> tuple[Any, tuple[int, int]]:
    """One agent, and what rests on it: mandates, and objections under them. Raises RefusedError NOT_FOUND."""
    rows = await agent_row(unit, agent_id)
    if not rows:
        raise RefusedError(Refusal.NOT_FOUND)
    return rows[0], await agent_reach(unit, agent_id)
