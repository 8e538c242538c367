"""Which list of a national register was in use at a moment, by what was known at another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.history import Knowledge

LOADING: Final = timedelta(days=1)
"""A list is in use from its commit, and loading a long one takes its time."""


@dataclass(frozen=True, slots=True)
class SnapshotPast:
    """One list that was ever imported. `begun` is when its import was, `dropped_at` when its lines were
    removed."""

    number: int
    id: UUID
    code: str
    version_date: date
    types: tuple[str, ...]
    begun: datetime
    event_id: UUID
    dropped_at: datetime | None = None


def in_use(pasts: Iterable[SnapshotPast], at: datetime, knowledge: Knowledge) -> list[SnapshotPast | None]:
    """Each list of one register that may have been asked, the newest first; None where there may have been no
    list at all. A list counts from the date of its version, whenever it was imported."""
    found: list[SnapshotPast | None] = []
    for one in sorted(pasts, key=lambda past: (past.version_date, past.number), reverse=True):
        had = knowledge.had(one.begun, one.event_id, LOADING)
        dropped = one.dropped_at is not None and one.dropped_at <= min(at, knowledge.by)
        if one.version_date > at.date() or had is False or dropped:
            continue
        found.append(one)
        if had:
            return found
    return [*found, None]
