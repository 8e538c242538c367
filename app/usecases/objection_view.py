"""An objection as its poster, an auditor or an admin sees it. Nothing tells whether a controller knows the
person: an answer has the same shape in either case."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.objection import ObjectionState, Origin, RefusedPart
from app.domain.parties import ALL_CONTROLLERS, Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.objections import StoredObjection, objection_row, stored_objections
from app.storage.parties import party_ids
from app.storage.sealed import unseal
from app.storage.units import ReadUnit
from app.storage.versions import AsOf
from app.usecases.act import Act


@dataclass(frozen=True, slots=True)
class SeenIdentifier:
    """One identifier of an objection. `canonical` is None when it was refused, hashed or `erased`."""

    index: int
    type: str
    accepted: bool
    canonical: str | None
    warnings: tuple[str, ...]
    proven: bool
    reason: str | None = None
    erased: bool = False


@dataclass(frozen=True, slots=True)
class AddressedList:
    """A controller addressed (None: all controllers) and what the objection put in force there. `as_of` is
    the position of the newest act on the objection."""

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
    receipt: str | None
    duplicate_of: UUID | None = None


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
    return (await read_objections(unit, [objection_id]))[objection_id]


async def read_objections(unit: ReadUnit, ids: Collection[UUID]) -> dict[UUID, ObjectionView]:
    """Objections from their rows, as they stand now, however many in as many statements as for one."""
    stored = await stored_objections(unit, ids)
    sealed = [one.sealed_id for each in stored.values() for one in each.identifiers]
    plain = await unseal(unit, [*stored, *sealed])
    parties = await party_ids(unit, {number for each in stored.values() for number in each.entries})
    return {key: _view(each, plain, parties) for key, each in stored.items()}


def _view(stored: StoredObjection, plain: Mapping[UUID, Any], parties: Mapping[int, UUID]) -> ObjectionView:
    row, said = stored.row, plain.get(stored.row.id, {})
    return ObjectionView(
        id=row.id,
        subject=row.subject,
        state=ObjectionState(row.state),
        origin=Origin(row.origin),
        mandate_id=row.mandate_id,
        kinds=tuple(row.kinds),
        purposes=row.purposes,
        channels=row.channels,
        refused=tuple(
            RefusedPart(part, value, Refusal(code)) for part, value, code in said.get("refused", ())
        ),
        declared_at=row.declared_at,
        instructed_at=row.instructed_at,
        received_at=row.received_at,
        identifiers=tuple(_seen(one, plain) for one in stored.identifiers),
        controllers=tuple(
            AddressedList(
                None if number == ALL_CONTROLLERS else parties[number],
                tuple(entry_ids),
                AsOf.after_write(number, stored.versions[number]),
            )
            for number, entry_ids in stored.entries.items()
        ),
        event_id=row.event_id,
        receipt=said.get("receipt"),
    )


def _seen(row: Any, plain: Mapping[UUID, Any]) -> SeenIdentifier:
    return SeenIdentifier(
        row.position,
        row.type,
        accepted=True,
        canonical=plain.get(row.sealed_id, {}).get("canonical"),
        warnings=tuple(row.warnings),
        proven=row.proven,
        erased=row.sealed_id not in plain,
    )
