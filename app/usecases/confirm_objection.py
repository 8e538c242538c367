"""The person stands by an objection whose mandate was forged: a direct one, dated today, in its place.

It is recorded before the old one is voided, in the same transaction, so that no lookup falls between them.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.domain.objection import ObjectionState, Origin
from app.domain.parties import ALL_CONTROLLERS
from app.domain.purposes import purpose_codes
from app.domain.refusals import Refusal, RefusedError
from app.domain.rights import ART21_2
from app.storage.entries import Entries
from app.storage.objections import objection_controllers, objection_identifiers
from app.storage.parties import party_ids
from app.storage.sealed import unseal
from app.storage.units import ReadUnit, WriteUnit
from app.usecases.act import Act
from app.usecases.objection_drafts import ObjectionCommand
from app.usecases.read_identifiers import GivenIdentifier, given_of
from app.usecases.record_objection import record_objection
from app.usecases.withdraw_objection import end_objection


async def confirm_objection(unit: WriteUnit, act: Act, row: Any, evidence: Mapping[str, Any]) -> None:
    """Put a direct objection of the same scope in the place of one under a mandate; its lists are held."""
    numbers = await objection_controllers(unit, row.id)
    given = await _standing(unit, row.id, numbers)
    if given:
        parties = await party_ids(unit, set(numbers))
        everywhere = ALL_CONTROLLERS in numbers
        command = ObjectionCommand(
            kinds=tuple(row.kinds) or (ART21_2,),
            controllers=None if everywhere else tuple(str(parties[n]) for n in numbers),
            identifiers=given,
            channels=row.channels,
            purposes=tuple(purpose_codes(row.purposes) or ()) or None,
            origin=Origin.SELF,
            evidence=evidence,
        )
        made = await record_objection(unit, act.part(), command)
        if made.refused or not all(one.accepted for one in made.identifiers):
            # The old one may not end before a new one says as much.
            raise RefusedError(Refusal.STATE_CONFLICT, "A new objection has to be made: not all can be read.")
    await end_objection(unit, act.part(), row, ObjectionState.VOIDED, "objection.voided")


async def _standing(
    unit: ReadUnit, objection_id: UUID, numbers: Sequence[int]
) -> tuple[GivenIdentifier, ...]:
    """What the objection still says: an identifier that was released, because it is somebody else's by now,
    does not come back."""
    entries = [entry for n in numbers for entry in await Entries(unit, n).of_objection(objection_id)]
    released = {entry.fingerprint for entry in entries if entry.released_at}
    rows = [r for r in await objection_identifiers(unit, objection_id) if r.fingerprint not in released]
    plain = await unseal(unit, [row.sealed_id for row in rows])
    if len(plain) < len({row.sealed_id for row in rows}):
        detail = "The person was erased: a new objection has to name the identifiers."
        raise RefusedError(Refusal.STATE_CONFLICT, detail)
    return tuple(given_of(plain[row.sealed_id]) for row in rows)
