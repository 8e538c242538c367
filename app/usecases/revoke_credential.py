"""An admin revokes a credential: from the commit on its tokens open nothing, however long they still run."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.parties import credential_exists, revoke_credential_row
from app.storage.units import WriteUnit
from app.usecases.act import Act

REVOKED = "credential.revoked"


@dataclass(frozen=True, slots=True)
class RevokedCredential:
    """A credential that is nobody's any more."""

    client_id: UUID
    revoked_at: datetime
    event_id: UUID


async def revoke_credential(unit: WriteUnit, act: Act, credential_id: UUID) -> RevokedCredential:
    """Refused with NOT_FOUND, or STATE_CONFLICT when it was revoked already."""
    if not await credential_exists(unit, credential_id):
        raise RefusedError(Refusal.NOT_FOUND)
    if not await revoke_credential_row(unit, credential_id, act.event_id, act.now):
        raise RefusedError(Refusal.STATE_CONFLICT)
    event = Event(
        act.event_id, act.now, REVOKED, act.caller, credential_id, request_digest=act.request_digest
    )
    await record_events(unit, [event])
    return RevokedCredential(credential_id, act.now, act.event_id)
