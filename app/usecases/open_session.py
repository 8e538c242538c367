"""Sessions of the console: an admin or auditor proves to hold a credential, and works with it for a while.

The browser keeps a sealed cookie. What it may do is read anew for each request, so that a revoked credential
ends its sessions at once; one that was signed out of is remembered until it would have ended by itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.domain.parties import OVERSIGHT, Caller, Client, ClientUnprovenError, Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.assertions import assertion_used, use_assertion
from app.storage.events import Event, record_events
from app.storage.parties import load_callers
from app.storage.units import ReadUnit, WriteUnit
from app.usecases.act import Act

SIGNED_IN: Final = "console.signed_in"
SIGNED_OUT: Final = "console.signed_out"

IDLE: Final = timedelta(minutes=30)
"""Without a request for so long a session is over."""

LONGEST: Final = timedelta(hours=8)
"""And after a day's work in any case."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A session as its cookie tells it. Without a credential it only lets a form be sent."""

    id: str
    credential_id: UUID | None
    began_at: datetime
    seen_at: datetime

    def over(self, now: datetime) -> bool:
        """Whether it has ended by the clock; a time that lies ahead is nobody's session."""
        return not (self.began_at <= self.seen_at <= now + timedelta(minutes=1)) or (
            now >= self.seen_at + IDLE or now >= self.began_at + LONGEST
        )


async def open_session(unit: WriteUnit, client: Client, now: datetime) -> Caller:
    """Let a client in who has proven itself. Raises RefusedError ROLE_DENIED: the console is for those who
    look after the registry."""
    caller = (await load_callers(unit, [client.credential_id])).get(client.credential_id)
    if caller is None or caller.role not in OVERSIGHT:
        raise RefusedError(Refusal.ROLE_DENIED)
    await _record(unit, caller, now)
    return caller


async def open_session_through_issuer(
    unit: WriteUnit, credential_id: UUID, roles: Collection[Role], state: str, now: datetime
) -> Caller:
    """Let in whom the issuer names, as the credential that stands for them; an answer of the issuer is good
    for one session. Raises ClientUnprovenError when the credential is revoked, or the answer was used, and
    RefusedError ROLE_DENIED."""
    caller = (await load_callers(unit, [credential_id])).get(credential_id)
    if caller is None:
        raise ClientUnprovenError
    if caller.role not in roles:
        raise RefusedError(Refusal.ROLE_DENIED)
    if not await use_assertion(unit, credential_id, f"issuer {state}", now + LONGEST, now):
        raise ClientUnprovenError
    await _record(unit, caller, now, {"through": "issuer"})
    return caller


async def _record(
    unit: WriteUnit, caller: Caller, now: datetime, detail: Mapping[str, str] = MappingProxyType({})
) -> None:
    act = Act.begin(now, caller)
    signed_in = Event(act.event_id, now, SIGNED_IN, caller, caller.credential_id, detail=detail)
    await record_events(unit, [signed_in])


async def resume_session(unit: ReadUnit, stay: Stay) -> Caller | None:
    """Who is behind a session now: nobody, if its credential was revoked or it was signed out of."""
    if stay.credential_id is None or await assertion_used(unit, stay.credential_id, _mark(stay)):
        return None
    caller = (await load_callers(unit, [stay.credential_id])).get(stay.credential_id)
    return caller if caller and caller.role in OVERSIGHT else None


async def close_session(unit: WriteUnit, act: Act, stay: Stay) -> None:
    """Sign out: a copy of the cookie opens nothing from now on."""
    credential_id = act.who.credential_id
    await use_assertion(unit, credential_id, _mark(stay), stay.began_at + LONGEST, act.now)
    await record_events(unit, [Event(act.event_id, act.now, SIGNED_OUT, act.caller, credential_id)])


def _mark(stay: Stay) -> str:
    return f"console {stay.id}"
