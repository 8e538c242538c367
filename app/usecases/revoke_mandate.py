"""Ending a mandate: nothing new is received under it, and each objection received before stays in force."""

from uuid import UUID

from app.domain.mandate import MandateState, RevokedBy, admit_revocation
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.mandates import add_mandate_state, mandate_of, mandate_rows
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.mandate_view import MandateView, show_mandates
from app.usecases.read_mandates import visible_mandate

REVOKED = "mandate.revoked"


async def revoke_mandate(
    unit: WriteUnit, act: Act, mandate_id: UUID, reason: str, by: RevokedBy
) -> MandateView:
    """Revoke a mandate; a suspended agent may, because it ends authority and adds none. Raises RefusedError.

    The reason is free text and is sealed under the id of this event.
    """
    row = await visible_mandate(unit, act.who, mandate_id)
    admit_revocation(mandate_of(row), act.now, by, act.who.role)
    detail = {"state": MandateState.REVOKED.value, "by": by.value}
    event = Event(act.event_id, act.now, REVOKED, act.caller, mandate_id, "done", act.request_digest, detail)
    await record_events(unit, [event])
    await seal(unit, [Plain(act.event_id, row.subject, "mandate_reason", {"reason": reason})], act.now)
    first = await add_mandate_state(
        unit,
        mandate_id=mandate_id,
        ordinal=row.ordinal + 1,
        state=MandateState.REVOKED,
        event_id=act.event_id,
        now=act.now,
    )
    if not first:
        raise RefusedError(Refusal.STATE_CONFLICT, "The mandate has ended already.")
    return (await show_mandates(unit, await mandate_rows(unit, [mandate_id]), act.now))[0]
