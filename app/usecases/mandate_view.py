"""A mandate as its agent, an admin or an auditor sees it.

The grantor's personal number is never shown. Once the person has been erased the plain identifiers, the
reference and the digest are gone; the mandate, its checks and its dates stay (GDPR Art. 17(3)(e)).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.mandate import CheckResult, MandateState
from app.storage.mandates import checks_of, mandate_of
from app.storage.parties import party_ids
from app.storage.sealed import unseal
from app.storage.units import ReadUnit, Rows


@dataclass(frozen=True, slots=True, repr=False)
class ProvenIdentifier:
    """An identifier whose control the agent has shown. `canonical` is None for a personal number, for a
    hash, and for what has been erased."""

    type: str
    canonical: str | None
    warnings: tuple[str, ...]
    erased: bool


@dataclass(frozen=True, slots=True)
class BesideView:
    """Another mandate of the same grantor, as it is shown beside one. Each stands alone: what one gives and
    the other does not is given, and the end of one is not that of the other."""

    id: UUID
    agent_id: UUID
    state: MandateState
    level: int
    rights: tuple[str, ...]
    controllers: tuple[UUID, ...] | None
    channels: int
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True, repr=False)
class MandateView:
    """`controllers` None means all; `channels` is a scope mask; `state` is that of the moment of reading."""

    id: UUID
    subject: UUID
    agent_id: UUID
    state: MandateState
    level: int
    claims_digest: str | None
    checks: tuple[CheckResult, ...]
    rights: tuple[str, ...]
    controllers: tuple[UUID, ...] | None
    channels: int
    valid_from: datetime
    valid_to: datetime
    signed_at: datetime
    received_at: datetime
    template: Mapping[str, Any] | None
    keep_if_unknown: bool
    identifiers: tuple[ProvenIdentifier, ...]
    grantor_type: str
    grantor_country: str
    reference: str | None
    event_id: UUID


async def show_beside(unit: ReadUnit, rows: Rows, now: datetime) -> tuple[BesideView, ...]:
    """The short views of whole rows."""
    parties = await party_ids(unit, {number for row in rows for number in row.controllers or ()})
    return tuple(
        BesideView(
            id=row.id,
            agent_id=row.agent_id,
            state=mandate_of(row).state_at(now),
            level=row.level,
            rights=tuple(row.rights),
            controllers=None if row.controllers is None else tuple(parties[n] for n in row.controllers),
            channels=row.channels,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows
    )


async def show_mandates(unit: ReadUnit, rows: Rows, now: datetime) -> list[MandateView]:
    """The views of whole rows, with one statement for each kind of thing however many they are."""
    checks = await checks_of(unit, [row.id for row in rows])
    parties = await party_ids(unit, {number for row in rows for number in row.controllers or ()})
    opened = await unseal(unit, [row.sealed_id for row in rows])
    return [_view(row, now, checks[row.id], parties, opened.get(row.sealed_id)) for row in rows]


def _view(
    row: Any, now: datetime, checks: Sequence[CheckResult], parties: Mapping[int, UUID], sealed: Any
) -> MandateView:
    grantor = row.registered["grantor"]
    return MandateView(
        id=row.id,
        subject=row.subject,
        agent_id=row.agent_id,
        state=mandate_of(row).state_at(now),
        level=row.level,
        claims_digest=sealed["claims_digest"] if sealed else None,
        checks=tuple(checks),
        rights=tuple(row.rights),
        controllers=None if row.controllers is None else tuple(parties[n] for n in row.controllers),
        channels=row.channels,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        signed_at=row.signed_at,
        received_at=row.received_at,
        template=row.template,
        keep_if_unknown=row.keep_if_unknown,
        identifiers=tuple(
            ProvenIdentifier(
                told["type"], _canonical(sealed, position), tuple(told["warnings"]), sealed is None
            )
            for position, told in enumerate(row.registered["identifiers"])
        ),
        grantor_type=grantor["type"],
        grantor_country=grantor["country"],
        reference=sealed["request"].get("reference") if sealed else None,
        event_id=row.event_id,
    )


def _canonical(sealed: Any, position: int) -> str | None:
    if sealed is None:
        return None
    plain: dict[str, str] = sealed["identifiers"][position]
    return None if plain["type"] == "personal_number" else plain.get("canonical")
