"""Overlapping mandates of one person, shown beside each other."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from app.api.schemas.base import Answer, Time
from app.api.schemas.scopes import spoken_channels
from app.usecases.mandate_view import BesideView


class MandateBeside(Answer):
    """Another mandate of the same grantor. Each stands alone, and ends alone."""

    id: UUID
    agent_id: UUID
    state: str
    level: str
    rights: list[str]
    controllers: Literal["all"] | list[UUID]
    channels: Literal["all"] | list[str]
    valid_from: Time
    valid_to: Time

    @staticmethod
    def of(view: BesideView) -> "MandateBeside":
        """The answer about one of them."""
        return MandateBeside(
            id=view.id,
            agent_id=view.agent_id,
            state=view.state.value,
            level=f"L{view.level}",
            rights=list(view.rights),
            controllers="all" if view.controllers is None else list(view.controllers),
            channels=spoken_channels(view.channels),
            valid_from=view.valid_from,
            valid_to=view.valid_to,
        )


class MandatesBeside(Answer):
    """The grantor's other mandates whose time overlaps, newest first, at most 100, without those that failed
    their checks: to an agent its own alone."""

    items: list[MandateBeside]

    @staticmethod
    def of(views: Iterable[BesideView]) -> "MandatesBeside":
        """The answer about one mandate's."""
        return MandatesBeside(items=[MandateBeside.of(one) for one in views])
