"""An admin registers a controller: the organisation that sends, and that objections are directed at."""

from dataclasses import dataclass

from app.domain.facts import ControllerProfile, Policy
from app.domain.parties import Controller, PartyKind
from app.storage.controllers import add_policy
from app.storage.events import Event, record_events
from app.storage.parties import NewParty
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.open_list import open_list

REGISTERED = "controller.registered"


@dataclass(frozen=True, slots=True)
class NewController:
    """What an admin says of a controller."""

    name: str
    org_no: str
    country: str
    sector: str | None
    public_body: bool
    policy: Policy


async def register_controller(unit: WriteUnit, act: Act, new: NewController) -> Controller:
    """The controller holds a list of its own from now on, under its first policy. One organisation may run
    several, so its number may come again."""
    party = NewParty(
        act.new_id(), PartyKind.CONTROLLER, new.name, new.org_no, new.country, new.sector, new.public_body
    )
    number, version = await open_list(unit, act, party)
    await add_policy(unit, number, version, new.policy, act.event_id)
    event = Event(act.event_id, act.now, REGISTERED, act.caller, party.id, request_digest=act.request_digest)
    await record_events(unit, [event])
    return Controller(
        id=party.id,
        name=party.name,
        org_no=party.org_no,
        country=party.country,
        created_at=act.now,
        event_id=act.event_id,
        number=number,
        profile=ControllerProfile(party.public_body, party.sector, party.country, new.policy),
    )
