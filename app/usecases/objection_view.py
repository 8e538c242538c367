"""An objection as its poster, an auditor or an admin sees it. Nothing tells whether a controller knows the
person: an answer has the same shape in either case."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.objection import ObjectionState, Origin, RefusedPart
from app.domain.parties import ALL_CONTROLLERS, Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import Entries
from app.storage.events import event_detail
from app.storage.objections import objection_controllers, objection_identifiers, objection_row
from app.storage.parties import party_ids
from app.storage.sealed import unseal
from app.storage.units import ReadUnit
from app.storage.versions import AsOf
from app.usecases.act import Act


@dataclass(frozen=True, slots=True)
class SeenIdentifier:
    """One identifier of an objection. `canonical` is None when it was refused, hashed or erased."""

    index: int
    type: str
    accepted: bool
    canonical: str | None
    warnings: tuple[str, ...]
    proven: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AddressedList:
    """A controller addressed (None: all controllers) and what the objection put in force there."""

    controller_id: UUID | None
    entry_ids: tuple[UUID, ...]
    as_of: AsOf


@dataclass(frozen=True, slots=True)
class ObjectionView:
    """What is answered about one objection."""

    id: UUID
    subject: UUID
    state: ObjectionState
    origin: Origin
    mandate_id: UUID | None
    kinds: tuple[str, ...]
    purposes: int
    channels: int
    refused: tuple[RefusedPart, ...]
    declared_at: datetime | None
    instructed_at: datetime | None
    received_at: datetime
    identifiers: tuple[SeenIdentifier, ...]
    controllers: tuple[AddressedList, ...]
    event_id: UUID
    receipt: str
    duplicate_of: UUID | None = None

    def repeated(self) -> "ObjectionView":
        """The answer to the same will posted again."""
        return replace(self, duplicate_of=self.id)


def may_see(act: Act, row: Any) -> bool:
    """The party that posted it, and the registry's admins and auditors."""
    return act.who.role in {Role.ADMIN, Role.AUDITOR} or row.party_id == act.who.party_id


async def seen_objection(unit: ReadUnit, act: Act, objection_id: UUID) -> ObjectionView:
    """One objection, for who may see it; NOT_FOUND for another party's as for none at all."""
    row = await objection_row(unit, objection_id)
    if row is None or not may_see(act, row):
        raise RefusedError(Refusal.NOT_FOUND)
    return await read_objection(unit, objection_id)


async def read_objection(unit: ReadUnit, objection_id: UUID) -> ObjectionView:
    """One objection from its rows, as it stands now."""
    row = await objection_row(unit, objection_id)
    if row is None:
        raise RefusedError(Refusal.NOT_FOUND)
    detail = await event_detail(unit, row.event_id)
    identifiers = await objection_identifiers(unit, objection_id)
    plain = await unseal(unit, [one.sealed_id for one in identifiers])
    return ObjectionView(
        id=row.id,
        subject=row.subject,
        state=ObjectionState(row.state),
        origin=Origin(row.origin),
        mandate_id=row.mandate_id,
        kinds=tuple(row.kinds),
        purposes=row.purposes,
        channels=row.channels,
        refused=tuple(RefusedPart(part, value, Refusal(code)) for part, value, code in detail["refused"]),
        declared_at=row.declared_at,
        instructed_at=row.instructed_at,
        received_at=row.received_at,
        identifiers=tuple(
            SeenIdentifier(
                one.position,
                one.type,
                accepted=True,
                canonical=plain.get(one.sealed_id, {}).get("canonical"),
                warnings=tuple(one.warnings),
                proven=one.proven,
            )
            for one in identifiers
        ),
        controllers=await _lists(unit, objection_id, detail["versions"]),
        event_id=row.event_id,
        receipt=detail["receipt"],
    )


async def _lists(unit: ReadUnit, objection_id: UUID, versions: dict[str, int]) -> tuple[AddressedList, ...]:
    numbers: Sequence[int] = await objection_controllers(unit, objection_id)
    await unit.declare(numbers)
    ids = await party_ids(unit, numbers)
    lists = []
    for number in numbers:
        entries = await Entries(unit, number).of_objection(objection_id)
        controller_id = None if number == ALL_CONTROLLERS else ids[number]
        as_of = AsOf.after_write(number, versions[str(number)])
        lists.append(AddressedList(controller_id, tuple(entry.id for entry in entries), as_of))
    return tuple(lists)
