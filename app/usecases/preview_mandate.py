"""What a person has to be shown and to sign, before an agent orders the signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.crypto.claims import claims_digest
from app.domain.parties import Caller
from app.domain.refusals import Refusal, RefusedError
from app.storage.units import ReadUnit
from app.usecases.verify_bankid import hidden_data, visible_text


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """The digest of the claims, the registered text with them in it, and what is signed unseen."""

    claims_digest: str
    visible_text: str | None
    hidden_data: str


async def preview_mandate(unit: ReadUnit, caller: Caller, received: Mapping[str, Any]) -> Preview:
    """Nothing is stored. A suspended agent is refused: it has nothing to order."""
    if caller.suspended:
        raise RefusedError(Refusal.AGENT_SUSPENDED)
    digest = claims_digest(received)
    return Preview(digest, await visible_text(unit, caller.party_id, received), hidden_data(digest))
