"""What is open and how long things took, as auditors are told."""

from dataclasses import asdict
from datetime import date
from typing import Literal
from uuid import UUID

from app.api.schemas.base import Answer, Time
from app.usecases.read_effects import Effect
from app.usecases.read_open_things import OpenThing

OpenKind = Literal[
    "objection_unverified",
    "objection_contested",
    "objection_unassessed",
    "mandate_contested",
    "mandate_unreviewed",
    "erasure_requested",
]


class DeadlineAnswer(Answer):
    """One thing that is open. `due_on` is the last day of the month since it began, `days_left` negative when
    that is past. `controller_id` is whose answer is missing; null where it is the registry's."""

    kind: OpenKind
    id: UUID
    begun_at: Time
    due_on: date
    days_left: int
    agent_id: UUID | None
    controller_id: UUID | None

    @staticmethod
    def of(one: OpenThing) -> "DeadlineAnswer":
        """One row of the list."""
        return DeadlineAnswer(
            kind=one.kind.value,
            id=one.place.id,
            begun_at=one.begun_at,
            due_on=one.due_on,
            days_left=one.days_left,
            agent_id=one.agent_id,
            controller_id=one.controller_id,
        )


class DeadlinePage(Answer):
    """What is open, the oldest first."""

    items: list[DeadlineAnswer]
    next_cursor: str | None


class EffectAnswer(Answer):
    """How long objections took from receipt until they were in force for good, in seconds. `immediate` ones
    were in the act that received them; `waiting` ones are not yet, and block as provisional meanwhile."""

    agent_id: UUID | None
    received: int
    effective: int
    immediate: int
    waiting: int
    waiting_since: Time | None
    p50: float | None
    p95: float | None
    p99: float | None
    longest: float | None

    @staticmethod
    def of(effect: Effect) -> "EffectAnswer":
        """One agent's, or everybody's."""
        return EffectAnswer(**asdict(effect))


class EffectsAnswer(Answer):
    """Objections received in a time: all, and by agent."""

    begin: Time
    end: Time
    all: EffectAnswer
    agents: list[EffectAnswer]
