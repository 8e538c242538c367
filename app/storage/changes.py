"""What happened in a list, in the order of its versions, read from a place in that order on.

Versions have no gaps and commit in their order. So whoever has read everything up to one has missed nothing,
however many are writing at the same time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text

from app.domain.facts import Policy
from app.domain.purposes import DM_MASK
from app.storage.lookups import canary_of
from app.storage.units import ReadUnit, statement

_CHANGES = statement("list_changes")
_EVENTS = text("""
SELECT controller_no, version, event_id FROM registry.controller_version
WHERE controller_no = :number AND version = ANY(:versions)
""")
_NONE: Final = UUID(int=0)
_LAST: Final = UUID(int=2**128 - 1)
_WHOLE: Final = 99
_ENTRIES: Final = 1
_WINDOW: Final = 200
_WIDENINGS: Final = 6
"""Versions that one statement looks through, and how often that doubles while nothing is found: most hold a
change each, but a list may have a thousand relationships, which are none."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a list: after a whole version, or after one of the changes in it."""

    version: int
    rank: int = _WHOLE
    row_id: UUID = _NONE
    entry_id: UUID = _NONE

    @property
    def whole(self) -> bool:
        """Whether all of the version lies before it."""
        return self.rank == _WHOLE

    @staticmethod
    def of(row: Row[Any]) -> "Place":
        """Right after a change."""
        return Place(row.version, row.rank, row.row_id, row.entry_id)


@dataclass(frozen=True, slots=True)
class Found:
    """Changes of a list in their order. All of them up to the version `complete`, unless there are as many as
    were asked for."""

    rows: Sequence[Row[Any]]
    complete: int


async def changes_after(
    unit: ReadUnit, number: int, place: Place, top: int, most: int, policy: Policy
) -> Found:
    """At most so many changes after a place, up to the version `top`. The lists, this and that of all
    controllers, are declared."""
    window, found, reached = max(_WINDOW, most), Found((), place.version), place.version
    for _ in range(_WIDENINGS):
        reached = min(top, reached + window)
        rows = await unit.rows(_CHANGES, _values(unit, number, place, reached, policy) | {"most": most})
        found = Found(rows, reached)
        if rows or reached == top:
            break
        window *= 2
    return found


def _values(unit: ReadUnit, number: int, place: Place, top: int, policy: Policy) -> dict[str, Any]:
    return {
        "number": number,
        "version": place.version,
        "rank": place.rank,
        "row_id": place.row_id,
        "entry_id": place.entry_id,
        "after_entry": place.row_id if place.rank == _ENTRIES else _LAST,
        "top": top,
        "canary": canary_of(unit, number),
        "marketing": DM_MASK,
        "lifts": policy.consent_lifts_objection,
        "minimum_level": policy.minimum_level,
    }


async def events_at(unit: ReadUnit, wanted: Mapping[int, Sequence[int]]) -> dict[tuple[int, int], UUID]:
    """Which event took each of these versions of lists. Version 0 is before the first, and nobody's."""
    events = {(number, 0): _NONE for number in wanted}
    for number, versions in wanted.items():
        rows = await unit.rows(_EVENTS, {"number": number, "versions": sorted(set(versions))})
        events |= {(row.controller_no, row.version): row.event_id for row in rows}
    return events
