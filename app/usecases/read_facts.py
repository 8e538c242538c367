"""Reading consents and relationships: customer service its own controller's, one by one or by identifier."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.fact_kind import FactKind
from app.domain.identifier import UnreadableIdentifier
from app.domain.parties import Caller
from app.domain.refusals import Refusal, RefusedError
from app.storage.facts import Facts
from app.storage.units import ReadUnit
from app.usecases.entry_view import own_list
from app.usecases.fact_view import FactView, shown_facts
from app.usecases.read_identifiers import GivenIdentifier, read_identifier
from app.usecases.record_fact import Scope, conflicts_of


async def seen_fact(unit: ReadUnit, caller: Caller, kind: FactKind, fact_id: UUID) -> FactView:
    """One of the caller's own controller; NOT_FOUND for another's as for none."""
    number = own_list(caller)
    await unit.declare([number])
    rows = await Facts(unit, kind, number).find([fact_id])
    if not rows:
        raise RefusedError(Refusal.NOT_FOUND)
    return (await _seen(unit, kind, number, rows))[0]


async def search_facts(
    unit: ReadUnit,
    caller: Caller,
    kind: FactKind,
    given: GivenIdentifier,
    now: datetime,
    after: UUID,
    limit: int,
) -> list[FactView]:
    """What the caller's controller has of an identifier, also what is over, in the order of their ids."""
    try:
        identifier = read_identifier(given, now.date())
    except UnreadableIdentifier:
        raise RefusedError(Refusal.INVALID_IDENTIFIER) from None
    number = own_list(caller)
    await unit.declare([number])
    found = await Facts(unit, kind, number).spelt(unit.instruments.fingerprints.indexed(identifier))
    rows = sorted((row for row in found if row["id"] > after), key=lambda row: row["id"])
    return await _seen(unit, kind, number, rows[:limit])


async def _seen(
    unit: ReadUnit, kind: FactKind, number: int, rows: Sequence[Mapping[str, Any]]
) -> list[FactView]:
    """As they stand now, also against the objections of now; what is over conflicts with nothing."""
    views = await shown_facts(unit, kind, rows)
    scopes = [Scope.of(row, (row["fingerprint"],)) for row in rows]
    conflicts = await conflicts_of(unit, kind, number, scopes)
    return [
        view if view.ended_at else replace(view, conflicts=found)
        for view, found in zip(views, conflicts, strict=True)
    ]
