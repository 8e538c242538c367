"""Other ends of a mandate: a newer one takes its place, or the grantor has died or come of age.

Nothing new is received under it; what was received before stays (a block outlives the person: what the dead
did not want, nobody sends to the bereaved).
"""

from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.domain.mandate import Mandate, MandateState, admit_end
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.mandates import add_mandate_state, mandate_of, mandate_rows
from app.storage.sealed import Plain, seal
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.mandate_view import MandateView, show_mandates
from app.usecases.read_mandates import visible_mandate

SUPERSEDED: Final = "mandate.superseded"
CLOSED: Final = "mandate.closed"


class ClosedBy(StrEnum):
    """Why the authority is over; permanent codes."""

    DEATH = "death"
    OF_AGE = "of_age"


async def supersede_mandate(unit: WriteUnit, act: Act, mandate_id: UUID, newer_id: UUID) -> MandateView:
    """Let a newer mandate of the same person for the same agent take the place of this one. Without this
    call both stand, each alone."""
    row = await visible_mandate(unit, act.who, mandate_id)
    newer = mandate_of(await visible_mandate(unit, act.who, newer_id))
    old = mandate_of(row)
    if not _takes_its_place(newer, old) or newer.state_at(act.now) is not MandateState.ACTIVE:
        detail = "A mandate is superseded by a newer one in force, of the same person for the same agent."
        raise RefusedError(Refusal.STATE_CONFLICT, detail)
    return await _end(unit, act, row, MandateState.SUPERSEDED, {"superseded_by": str(newer_id)}, None)


def _takes_its_place(newer: Mandate, old: Mandate) -> bool:
    return newer.id > old.id and newer.agent_id == old.agent_id and newer.subject == old.subject


async def close_mandate(
    unit: WriteUnit, act: Act, mandate_id: UUID, cause: ClosedBy, reason: str
) -> MandateView:
    """Close a mandate for new acts: MANDATE_CLOSED. Its objections and their entries stay."""
    row = await visible_mandate(unit, act.who, mandate_id)
    return await _end(unit, act, row, MandateState.CLOSED, {"cause": cause.value}, reason)


async def _end(
    unit: WriteUnit, act: Act, row: Any, state: MandateState, told: dict[str, str], reason: str | None
) -> MandateView:
    admit_end(mandate_of(row), act.now)
    kind = CLOSED if state is MandateState.CLOSED else SUPERSEDED
    detail = {"state": state.value, **told}
    await record_events(
        unit, [Event(act.event_id, act.now, kind, act.caller, row.id, "done", act.request_digest, detail)]
    )
    if reason is not None:
        said = {"reason": reason}
        await seal(unit, [Plain(act.event_id, row.subject, "mandate_reason", said)], act.now)
    first = await add_mandate_state(
        unit, mandate_id=row.id, ordinal=row.ordinal + 1, state=state, event_id=act.event_id, now=act.now
    )
    if not first:
        raise RefusedError(Refusal.STATE_CONFLICT, "The mandate has ended already.")
    return (await show_mandates(unit, await mandate_rows(unit, [row.id]), act.now))[0]
