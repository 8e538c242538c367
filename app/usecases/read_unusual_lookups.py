"""Which controllers asked about more people than their customers explain."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.storage.events import newest_of_kinds
from app.storage.units import ReadUnit
from app.usecases.weigh_novelty import IN_SEQUENCE, SLOWED

DAYS: Final = 30
"""After which what was asked is forgotten, and told no more."""

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class UnusualLookups:
    """One finding: counts, and nobody's identifier. `customer_base` None: none was declared."""

    controller_id: UUID
    at: datetime
    kind: str
    cause: str
    identifiers: int
    allowance: int
    customer_base: int | None


async def read_unusual_lookups(
    unit: ReadUnit, now: datetime, controllers: Collection[UUID]
) -> list[UnusualLookups]:
    """Those of these controllers in the last 30 days, newest first; at most 200."""
    since = now - timedelta(DAYS)
    rows = await newest_of_kinds(unit, controllers, (SLOWED, IN_SEQUENCE), since, MOST)
    return [
        UnusualLookups(
            row.object_id,
            row.at,
            row.kind,
            row.detail["cause"],
            round(row.detail["identifiers"]),
            round(row.detail["allowance"]),
            row.detail["customer_base"],
        )
        for row in rows
    ]
