"""Going through mandates and objections as those do who look after the registry: newest first.

A list opens nothing that is sealed. Each mandate on a page was read all the same, and says so in its own
history (GDPR Art. 5(2)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.mandate import MandateState
from app.domain.objection import ObjectionState
from app.storage.database import Database
from app.storage.listings import (
    Place,
    contested_mandates,
    contested_objections,
    page_of_mandates,
    page_of_objections,
)
from app.storage.units import ReadUnit, Rows
from app.usecases.act import Act
from app.usecases.read_mandates import journal_reads

NEWEST = UUID(int=2**128 - 1)
"""Before this id come all others."""


@dataclass(frozen=True, slots=True)
class MandateFilter:
    """Which mandates; None is all."""

    state: MandateState | None = None
    agent_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ObjectionFilter:
    """Which objections; None is all."""

    state: ObjectionState | None = None
    mandate_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Contested:
    """Something that waits for a second admin: `mine` when the one who asks was the first."""

    id: UUID
    at: datetime
    party: str
    mine: bool
    mandate_id: UUID | None


async def browse_mandates(
    database: Database, act: Act, wanted: MandateFilter, before: UUID, limit: int
) -> tuple[Rows, bool]:
    """A page of mandates, and whether there is more behind it."""
    async with database.write() as unit:
        place = Place(before, limit + 1)
        rows = await page_of_mandates(unit, place, act.now, wanted.state, wanted.agent_id)
        await journal_reads(unit, act, [row.id for row in rows[:limit]])
    return rows[:limit], len(rows) > limit


async def browse_objections(
    unit: ReadUnit, wanted: ObjectionFilter, before: UUID, limit: int
) -> tuple[Rows, bool]:
    """A page of objections, and whether there is more behind it."""
    rows = await page_of_objections(unit, Place(before, limit + 1), wanted.state, wanted.mandate_id)
    return rows[:limit], len(rows) > limit


async def contested_acts(
    unit: ReadUnit, act: Act, after: UUID, limit: int
) -> tuple[list[Contested], list[Contested]]:
    """What is in doubt, oldest first: mandates, and objections, by themselves or with their mandate."""
    mandates = await contested_mandates(unit, after, limit)
    objections = await contested_objections(unit, after, limit)
    return _contested(act, mandates), _contested(act, objections)


def _contested(act: Act, rows: Sequence[Any]) -> list[Contested]:
    own = act.who.credential_id
    return [
        Contested(row.id, row.at, row.party, row.credential_id == own, getattr(row, "mandate_id", None))
        for row in rows
    ]
