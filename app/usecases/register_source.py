"""An admin registers a source: where lists of addresses come from, and where a person can be blocked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.parties import PartyKind
from app.domain.purposes import purpose_codes, purpose_mask
from app.storage.events import Event, record_events
from app.storage.parties import NewParty
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.open_list import open_list

REGISTERED = "source.registered"


@dataclass(frozen=True, slots=True)
class NewSource:
    """What an admin says of a source. `default_purposes` is what a block there stops when it does not say;
    None means all."""

    name: str
    org_no: str
    country: str | None
    default_purposes: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class RegisteredSource:
    """A registered source; its default purposes as they are kept, those of direct marketing as one."""

    id: UUID
    new: NewSource
    created_at: datetime
    event_id: UUID


async def register_source(unit: WriteUnit, act: Act, new: NewSource) -> RegisteredSource:
    """The source holds a list of blocks of its own from now on."""
    mask = purpose_mask(new.default_purposes)
    party = NewParty(
        act.new_id(), PartyKind.SOURCE, new.name, new.org_no, new.country or "", block_purposes=mask
    )
    await open_list(unit, act, party)
    event = Event(act.event_id, act.now, REGISTERED, act.caller, party.id, request_digest=act.request_digest)
    await record_events(unit, [event])
    known = NewSource(new.name, new.org_no, new.country, purpose_codes(mask))
    return RegisteredSource(party.id, known, act.now, act.event_id)
