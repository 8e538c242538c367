"""Ending a consent (to withdraw is as easy as to give: GDPR Art. 7(3)) or a relationship. What is over stays
over: to end it again changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.fact_kind import FactKind
from app.domain.mandate import CLOCK_SKEW
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.facts import Facts, end_fact
from app.storage.sealed import Plain, seal, subject_of_sealed
from app.storage.units import WriteUnit
from app.storage.versions import lock_lists, take_versions
from app.usecases.act import Act
from app.usecases.fact_view import FactView, shown_facts


@dataclass(frozen=True, slots=True)
class EndCommand:
    """Which one of a list ends. `ended_at` is stated for a relationship; a consent ends when it is said."""

    kind: FactKind
    controller_no: int
    fact_id: UUID
    ended_at: datetime | None = None
    reference: str | None = None


async def end(unit: WriteUnit, act: Act, command: EndCommand) -> FactView:
    """End one. NOT_FOUND for another controller's as for none."""
    number, facts = command.controller_no, Facts(unit, command.kind, command.controller_no)
    await lock_lists(unit, [number])
    row = await _one(facts, command.fact_id)
    subject = await subject_of_sealed(unit, row["sealed_id"])
    if row["ended_at"] is None:
        ended_at = min(command.ended_at or act.now, act.now)
        if (command.ended_at or act.now) > act.now + CLOCK_SKEW:
            raise RefusedError(Refusal.INVALID_TIME)
        version = (await take_versions(unit, [number], act.event_id, act.now))[number]
        stamp = {"version": version, "event_id": act.event_id, "at": act.now, "ended_at": ended_at}
        await end_fact(unit, {"controller_no": number, "fact_id": row["id"], **stamp})
        if command.reference:
            said = {"reference": command.reference}
            await seal(unit, [Plain(act.event_id, subject, "end", said)], act.now)
        row = await _one(facts, command.fact_id)
    kind = f"{command.kind.name.lower()}.ended"
    detail = {"version": row["end_version"]}
    event = Event(act.event_id, act.now, kind, act.caller, row["id"], "done", act.request_digest, detail)
    await record_events(unit, [event])
    return replace((await shown_facts(unit, command.kind, [row]))[0], subject=subject)


async def _one(facts: Facts, fact_id: UUID) -> Mapping[str, Any]:
    rows = await facts.find([fact_id])
    if not rows:
        raise RefusedError(Refusal.NOT_FOUND)
    return rows[0]
