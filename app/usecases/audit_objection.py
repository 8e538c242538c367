"""The chain of an objection: mandate, verification, act, every state, who, when and why (GDPR Art. 5(2)).

Each reading is an event of the objection, and of the mandate behind it, with its stated purpose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.storage.audit import events_of_all
from app.storage.events import Event
from app.storage.mandate_findings import findings_of
from app.storage.mandates import mandate_rows
from app.storage.sealed import unseal
from app.storage.units import ReadUnit, Rows, WriteUnit
from app.usecases.act import Act
from app.usecases.mandate_view import MandateView, show_mandates
from app.usecases.objection_view import ObjectionView, seen_objection
from app.usecases.read_mandates import READ
from app.usecases.record_readings import record_readings

AUDITED: Final = "objection.audited"


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that happened; `about` says to what, `said` is what was stated with it, unless erased."""

    event_id: UUID
    at: datetime
    about: str
    object_id: UUID
    kind: str
    outcome: str
    actor_id: UUID | None
    actor_role: str | None
    credential_id: UUID | None
    detail: Mapping[str, Any]
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chain:
    """An objection with what it rests on, and a page of what happened, oldest first."""

    objection: ObjectionView
    mandate: MandateView | None
    findings: Rows
    links: Sequence[Link]
    more: bool


async def audit_objection(
    unit: WriteUnit, act: Act, objection_id: UUID, after: UUID, before: UUID, limit: int
) -> Chain:
    """The chain of one objection, of its events those between two ids: a reader with short pages must not
    follow its own trace for ever. Raises RefusedError NOT_FOUND."""
    view = await seen_objection(unit, act, objection_id)
    mandate = await _mandate(unit, act, view)
    about = {objection_id: "objection"}
    about |= {entry_id: "entry" for each in view.controllers for entry_id in each.entry_ids}
    if mandate is not None:
        about[mandate.id] = "mandate"
    rows = await events_of_all(unit, about, after, before, limit + 1)
    links = await _links(unit, about, rows[:limit])
    findings = await findings_of(unit, mandate.id) if mandate else []
    await _journal(unit, act, objection_id, mandate)
    return Chain(view, mandate, findings, links, len(rows) > limit)


async def _mandate(unit: ReadUnit, act: Act, view: ObjectionView) -> MandateView | None:
    if view.mandate_id is None:
        return None
    return (await show_mandates(unit, await mandate_rows(unit, [view.mandate_id]), act.now))[0]


async def _links(unit: ReadUnit, about: Mapping[UUID, str], rows: Rows) -> list[Link]:
    """Versions of lists are told by their internal numbers, and left out."""
    said = await unseal(unit, [row.id for row in rows])
    return [
        Link(
            row.id,
            row.at,
            about[row.object_id],
            row.object_id,
            row.kind,
            row.outcome,
            row.actor_id,
            row.actor_role,
            row.credential_id,
            {name: value for name, value in row.detail.items() if name != "versions"},
            said.get(row.id, {}),
        )
        for row in rows
    ]


async def _journal(unit: WriteUnit, act: Act, objection_id: UUID, mandate: MandateView | None) -> None:
    events = [Event(act.event_id, act.now, AUDITED, act.caller, objection_id)]
    if mandate is not None:
        events.append(Event(act.new_id(), act.now, READ, act.caller, mandate.id))
    await record_readings(unit, act, events)
