"""A party gets a credential: a client id and a secret that is shown once and kept only as a keyed digest."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.crypto.credentials import new_secret, secret_digest
from app.domain.parties import OVERSIGHT, ROLES_OF_KIND, PartyKind, Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.bootstrap import registry_party
from app.storage.database import Database
from app.storage.events import Event, record_events
from app.storage.parties import add_credential, find_party
from app.storage.units import ReadUnit, WriteUnit
from app.usecases.act import Act

ISSUED = "credential.issued"


@dataclass(frozen=True, slots=True)
class IssuedCredential:
    """The only place where the secret ever stands in clear."""

    client_id: UUID
    client_secret: str = field(repr=False)
    party_id: UUID
    role: Role
    event_id: UUID


async def issue_first_admin(database: Database, credential_key: bytes, now: datetime) -> tuple[UUID, str]:
    """The credential that a fresh registry is opened with: nobody is there yet who could ask for it."""
    async with database.write() as unit:
        issued = await issue_credential(unit, Act.begin(now, None), credential_key, None, Role.ADMIN)
    return issued.client_id, issued.client_secret


async def issue_credential(
    unit: WriteUnit, act: Act, credential_key: bytes, party_id: UUID | None, role: Role
) -> IssuedCredential:
    """Admins and auditors belong to the registry itself where no party is named. Refused with
    UNKNOWN_REFERENCE when there is no such party, or when its kind does not have the role."""
    holder = await _holder(unit, party_id, role)
    credential_id, secret = act.new_id(), new_secret()
    await add_credential(
        unit,
        credential_id=credential_id,
        party_id=holder,
        role=role,
        digest=secret_digest(credential_key, secret),
        event_id=act.event_id,
        now=act.now,
    )
    digest, detail = act.request_digest or None, {"party_id": str(holder), "role": role.value}
    event = Event(act.event_id, act.now, ISSUED, act.caller, credential_id, "done", digest, detail)
    await record_events(unit, [event])
    return IssuedCredential(credential_id, secret, holder, role, act.event_id)


async def _holder(unit: ReadUnit, party_id: UUID | None, role: Role) -> UUID:
    if party_id is None and role in OVERSIGHT:
        party_id = await registry_party(unit)
    party = await find_party(unit, party_id) if party_id else None
    if party is None:
        raise RefusedError(Refusal.UNKNOWN_REFERENCE)
    if role not in ROLES_OF_KIND[PartyKind(party.kind)]:
        raise RefusedError(Refusal.UNKNOWN_REFERENCE, "A party of this kind does not have this role.")
    holder: UUID = party.id
    return holder
