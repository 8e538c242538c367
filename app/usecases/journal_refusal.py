"""A refusal is an act too: what was refused to whom stands in the journal, without what was sent."""

from app.storage.events import Event, record_events
from app.storage.units import WriteUnit
from app.usecases.act import Act


async def journal_refusal(unit: WriteUnit, act: Act, kind: str, code: str) -> None:
    """Write the event of a refused act, in a unit of its own (the act's unit was rolled back)."""
    digest = act.request_digest or None
    event = Event(act.event_id, act.now, kind, act.caller, outcome=code, request_digest=digest)
    await record_events(unit, [event])
