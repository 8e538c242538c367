"""Questions, entries and controllers for the tests of the rules; what a test does not say is ordinary."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.channels import ALL_CHANNELS, channel_mask
from app.domain.decision import Decision, decide
from app.domain.entry import DIRECT_LEVEL, EntryFact, EntryKind
from app.domain.facts import ControllerProfile, Facts, Policy, Question, Source
from app.domain.purposes import ALL_PURPOSES, purpose_mask

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)

NAMED = Source(named=True)
BOUGHT = Source(named=False, kind="bought")


def ask(purpose: str | None = "marketing", channel: str | None = "sms", **fields: Any) -> Question:
    return Question(channel, purpose, **fields)


def entry(kind: EntryKind, number: int = 1, **fields: Any) -> EntryFact:
    scope = {"channels": ALL_CHANNELS, "purposes": ALL_PURPOSES, "since": NOW - DAY, **fields}
    return EntryFact(UUID(int=number), kind, **scope)


def objection(*purposes: str, channels: list[str] | None = None, **fields: Any) -> EntryFact:
    """An Art. 21(2) objection; without purposes to direct marketing."""
    mask = purpose_mask(purposes or ("direct_marketing",))
    return entry(EntryKind.OBJECTION, channels=channel_mask(channels), purposes=mask, **fields)


def general(*purposes: str, **fields: Any) -> EntryFact:
    """An Art. 21(1) objection; without purposes to everything."""
    return entry(EntryKind.OBJECTION_GENERAL, purposes=purpose_mask(purposes or None), **fields)


def source_block(*purposes: str) -> EntryFact:
    return entry(EntryKind.SOURCE_BLOCK, purposes=purpose_mask(purposes or None))


def dnc(*channels: str) -> EntryFact:
    return entry(EntryKind.DNC, channels=channel_mask(channels or None))


def optout(*channels: str) -> EntryFact:
    return entry(EntryKind.CHANNEL_OPTOUT, channels=channel_mask(channels or None))


def left(service_id: str) -> EntryFact:
    return entry(EntryKind.SERVICE_UNSUB, service_id=service_id)


CONTESTED = objection(contested=True)
PROVISIONAL = objection(level=0)
CONFIRMED = objection(level=DIRECT_LEVEL)

EVERYTHING = (objection(), CONTESTED, PROVISIONAL, general(), source_block(), dnc(), optout(), left("news"))
"""One entry of each kind that there is."""


def controller(*, public_body: bool = False, sector: str | None = None, **policy: Any) -> ControllerProfile:
    return ControllerProfile(public_body, sector, "SE", Policy(**policy))


ORDINARY = controller()
AUTHORITY = controller(public_body=True)
RECORDED = controller(basis="recorded")


def judged(question: Question, *entries: EntryFact, by: ControllerProfile = ORDINARY) -> Decision:
    return decide(question, Facts(by, entries), NOW)
