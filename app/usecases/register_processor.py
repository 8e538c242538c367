"""An admin registers a processor: it asks on behalf of controllers (GDPR Art. 28)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.parties import PartyKind
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.parties import NewParty, add_acts_for, add_party, find_holders
from app.storage.units import WriteUnit
from app.usecases.act import Act

REGISTERED = "processor.registered"


@dataclass(frozen=True, slots=True)
class NewProcessor:
    """What an admin says of a processor; `acts_for` are controllers."""

    name: str
    org_no: str
    country: str | None
    acts_for: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class RegisteredProcessor:
    """A registered processor, as it was asked for; a controller named twice stands once."""

    id: UUID
    new: NewProcessor
    created_at: datetime
    event_id: UUID


async def register_processor(unit: WriteUnit, act: Act, new: NewProcessor) -> RegisteredProcessor:
    """Refused with UNKNOWN_REFERENCE when one of the controllers is not registered as a controller."""
    wanted = tuple(dict.fromkeys(new.acts_for))
    holders = await find_holders(unit, PartyKind.CONTROLLER, ids=wanted)
    if len(holders) < len(wanted):
        raise RefusedError(Refusal.UNKNOWN_REFERENCE)
    party = NewParty(act.new_id(), PartyKind.PROCESSOR, new.name, new.org_no, new.country or "")
    await add_party(unit, party, act.event_id, act.now)
    await add_acts_for(unit, party.id, [holder.controller_no for holder in holders], act.event_id)
    digest, detail = act.request_digest, {"acts_for": [str(one) for one in wanted]}
    event = Event(act.event_id, act.now, REGISTERED, act.caller, party.id, "done", digest, detail)
    await record_events(unit, [event])
    known = NewProcessor(new.name, new.org_no, new.country, wanted)
    return RegisteredProcessor(party.id, known, act.now, act.event_id)
