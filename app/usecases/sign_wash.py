"""The receipt of a whole list, streamed or as a file: signed once its last row is answered, and kept."""

from typing import Any
from uuid import UUID

from app.crypto.instruments import Instruments
from app.domain.refusals import UnavailableError
from app.storage.notes import add_lookup_notes, note_key
from app.storage.units import WriteUnit
from app.usecases.sign_receipt import rfc3339, sign_lookup_receipt
from app.usecases.wash_list import Tally, Washing


def sign_wash(
    instruments: Instruments,
    lookup_id: UUID,
    washing: Washing,
    digests: tuple[str, str],
) -> str:
    """The receipt of what was asked and answered. `digests` are the SHA-256, in hex, of the list as it was
    sent and of its answer without the last line, the summary."""
    command, tally = washing.command, washing.tally
    if tally.decided_at is None or tally.valid_until is None:
        raise LookupError("nothing was asked")
    claims: dict[str, Any] = {
        "jti": str(lookup_id),
        "controller_id": str(command.controller_id),
        "channel": command.question.channel,
        "purpose": command.question.purpose,
        "promo": command.question.promo,
        "asked": tally.asked,
        "blocked": tally.blocked,
        "as_of": str(tally.as_of) if tally.as_of else None,
        "decided_at": rfc3339(tally.decided_at),
        "valid_until": rfc3339(tally.valid_until),
        "registers": [one.told() for one in tally.registers],
        "request_sha256": digests[0],
        "answer_sha256": digests[1],
    }
    if washing.tree is not None:
        claims["tree"] = washing.tree.claims()
    return sign_lookup_receipt(instruments, tally.decided_at, claims)


async def note_wash(unit: WriteUnit, party_id: UUID, lookup_id: UUID, tally: Tally, receipt: str) -> None:
    """Keep the receipt. What was answered without facts has none to keep."""
    if tally.as_of is None or tally.decided_at is None:
        return
    row: dict[str, object] = {
        "controller_no": tally.controller_no,
        "lookup_id": lookup_id,
        "at": tally.decided_at,
    }
    row |= {"party_id": party_id, "asked": tally.asked, "blocked": tally.blocked, "receipt": receipt}
    if not await add_lookup_notes(unit, [row], await note_key(unit, tally.decided_at)):
        raise UnavailableError("the key of the registry changes")
