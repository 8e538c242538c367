"""What remains of a lookup: who asked, when, how many, and the receipt. No identifier, in no form."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.domain.parties import Caller, entitled
from app.domain.refusals import Refusal, RefusedError
from app.storage.notes import add_lookup_note, find_lookup_note
from app.storage.units import ReadUnit, WriteUnit
from app.usecases.look_up import Found


async def note_lookup(unit: WriteUnit, caller: Caller, lookup_id: UUID, found: Found, receipt: str) -> None:
    """Keep the receipt of an answered lookup, in a small unit of its own."""
    row: Mapping[str, Any] = {
        "controller_no": found.controller_no,
        "lookup_id": lookup_id,
        "at": found.decided_at,
        "party_id": caller.party_id,
        "asked": found.count,
        "blocked": found.blocked,
        "receipt": receipt,
    }
    await add_lookup_note(unit, row)


async def kept_receipt(unit: ReadUnit, caller: Caller, lookup_id: UUID) -> str:
    """The receipt of an earlier lookup for a controller that this caller may ask for; else NOT_FOUND."""
    numbers = {entitled(caller, controller_id) for controller_id in caller.acts_for}
    note = await find_lookup_note(unit, numbers, lookup_id)
    if note is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return note
