"""A controller or source begins to hold a list of entries: number, first version, canary."""

from app.storage.bootstrap import add_canary
from app.storage.parties import NewParty, add_holder, add_party
from app.storage.units import WriteUnit
from app.storage.versions import take_versions
from app.usecases.act import Act


async def open_list(unit: WriteUnit, act: Act, party: NewParty) -> tuple[int, int]:
    """Register the party and open its list; returns the list's number and its first version. The canary is
    there from the first commit on: without it every lookup of the list would be refused (R03)."""
    await add_party(unit, party, act.event_id, act.now)
    number = await add_holder(unit, party)
    versions = await take_versions(unit, [number], act.event_id, act.now)
    await add_canary(unit, number, versions[number], act.new_id(), act.event_id, act.now)
    return number, versions[number]
