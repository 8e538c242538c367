"""Contesting a mandate: what rests on it is in doubt with it, blocks meanwhile, and is settled with it.

An admin contests; a second, different one voids. If the person confirms, direct objections take the place of
those under the mandate. If the mandate proves genuine, everything is what it was.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from app.domain.mandate import MandateState
from app.domain.mandate_doubt import Finding, Stage, settle
from app.domain.objection import IN_FORCE, ObjectionState
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.mandate_reach import doubted_with, objections_under, reached_lists
from app.storage.mandates import add_mandate_state, mandate_history, mandate_rows
from app.storage.sealed import Plain, seal
from app.storage.units import Rows, WriteUnit
from app.storage.versions import lock_lists
from app.usecases.act import Act
from app.usecases.confirm_objection import confirm_objection
from app.usecases.mandate_view import MandateView, show_mandates
from app.usecases.read_mandates import visible_mandate
from app.usecases.void_objection import doubt_objection, not_the_controller
from app.usecases.withdraw_objection import end_objection

CONTESTED: Final = "mandate.contested"
VOIDED: Final = "mandate.voided"
CLEARED: Final = "mandate.cleared"

_LIVE = [state.value for state in IN_FORCE]
_UNDOUBTED = [state.value for state in IN_FORCE - {ObjectionState.CONTESTED}]


async def contest_mandate(
    unit: WriteUnit,
    act: Act,
    mandate_id: UUID,
    finding: Finding,
    reason: str,
    evidence: Mapping[str, Any] | None,
) -> MandateView:
    """Take one admin's finding as far as it goes. Raises RefusedError."""
    row = await visible_mandate(unit, act.who, mandate_id)
    numbers = await reached_lists(unit, mandate_id)
    _not_involved(act, row, numbers)
    await lock_lists(unit, numbers)
    history = await mandate_history(unit, mandate_id)
    stages = [Stage(MandateState(one.state), one.at, one.credential_id) for one in history]
    state = settle(stages, finding, act.who.credential_id)
    if finding is Finding.CONFIRMED and evidence is None:
        raise RefusedError(Refusal.EVIDENCE_REQUIRED)
    touched = await _touched(unit, mandate_id, state, stages[-1])
    said = {"reason": reason, **({"evidence": dict(evidence)} if evidence else {})}
    await seal(unit, [Plain(act.event_id, row.subject, "mandate_reason", said)], act.now)
    await put_state(unit, act, mandate_id, len(stages) + 1, state, finding.value, len(touched))
    for one in touched:
        if finding is Finding.CONFIRMED:
            await confirm_objection(unit, act, one, evidence or {})
        elif state is MandateState.CONTESTED:
            await doubt_objection(unit, act.part(), one, ObjectionState.CONTESTED)
        elif finding is Finding.GENUINE:
            await doubt_objection(unit, act.part(), one, ObjectionState(one.before))
        else:
            await end_objection(unit, act.part(), one, ObjectionState.VOIDED, "objection.voided")
    return (await show_mandates(unit, await mandate_rows(unit, [mandate_id]), act.now))[0]


async def _touched(unit: WriteUnit, mandate_id: UUID, state: MandateState, now: Stage) -> Rows:
    """The objections that a finding is about: what was contested by itself stays so when its mandate is
    cleared."""
    if state is MandateState.CONTESTED:
        return await objections_under(unit, mandate_id, _UNDOUBTED)
    if state is MandateState.VOID:
        return await objections_under(unit, mandate_id, _LIVE)
    return await doubted_with(unit, mandate_id, now.at)


async def put_state(
    unit: WriteUnit,
    act: Act,
    mandate_id: UUID,
    ordinal: int,
    state: MandateState,
    finding: str,
    objections: int,
) -> None:
    """The next state of a mandate with its event; STATE_CONFLICT for whoever comes second."""
    kinds = {MandateState.CONTESTED: CONTESTED, MandateState.VOID: VOIDED}
    detail = {"state": state.value, "finding": finding, "objections": objections}
    kind = kinds.get(state, CLEARED)
    event = Event(act.event_id, act.now, kind, act.caller, mandate_id, "done", act.request_digest, detail)
    await record_events(unit, [event])
    first = await add_mandate_state(
        unit, mandate_id=mandate_id, ordinal=ordinal, state=state, event_id=act.event_id, now=act.now
    )
    if not first:
        raise RefusedError(Refusal.STATE_CONFLICT, "Somebody else has settled this meanwhile.")


def _not_involved(act: Act, row: Any, numbers: list[int]) -> None:
    """Neither the controllers that it is used against nor the agent that used it judge a mandate."""
    not_the_controller(act, numbers)
    if act.who.party_id == row.agent_id:
        raise RefusedError(Refusal.ROLE_DENIED, "An agent does not judge its own mandate.")
