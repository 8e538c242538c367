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

Said = tuple[GivenIdentifier, ...]


async def confirm_objection(unit: WriteUnit, act: Act, row: Any, evidence: Mapping[str, Any]) -> None:
    """Put a direct objection of the same scope in the place of one under a mandate; its lists are held."""
    numbers = await objection_controllers(unit, row.id)
    parties = await party_ids(unit, set(numbers))
    for given, lists in await _standing(unit, row.id, numbers):
        everywhere = ALL_CONTROLLERS in lists
        command = ObjectionCommand(
            kinds=tuple(row.kinds) or (ART21_2,),
            controllers=None if everywhere else tuple(str(parties[n]) for n in lists),
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
) -> list[tuple[Said, Sequence[int]]]:
    """What the objection still says, and to which lists. An identifier that was released there, because it is
    somebody else's by now, does not come back; one that was said again since blocks, and stays."""
    sealed = {one.fingerprint: one.sealed_id for one in await objection_identifiers(unit, objection_id)}
    lists: dict[tuple[UUID, ...], list[int]] = {}
    for number in numbers:
        gone = await _gone(unit, number, objection_id)
        said = tuple(sealed_id for fingerprint, sealed_id in sealed.items() if fingerprint not in gone)
        if said:
            lists.setdefault(said, []).append(number)
    wanted = {sealed_id for said in lists for sealed_id in said}
    plain = await unseal(unit, list(wanted))
    if len(plain) < len(wanted):
        detail = "The person was erased: a new objection has to name the identifiers."
        raise RefusedError(Refusal.STATE_CONFLICT, detail)
    return [(tuple(given_of(plain[one]) for one in said), reached) for said, reached in lists.items()]


async def _gone(unit: ReadUnit, number: int, objection_id: UUID) -> set[UUID]:
    """The identifiers of which every entry in this list was released."""
    entries = await Entries(unit, number).of_objection(objection_id)
    return {one.fingerprint for one in entries} - {one.fingerprint for one in entries if not one.released_at}
