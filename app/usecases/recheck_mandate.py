"""Checking a mandate again, as of when it was signed and received: with the keys, the roots and the text that
count for that moment, and a program that may have learned since. The finding is added to the first one."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from app.crypto.claims import claims_digest
from app.domain.document_evidence import DOCUMENT_REVIEW
from app.domain.mandate import DOCUMENT, CheckResult, MandateState, level_of
from app.domain.mandate_findings import state_after
from app.domain.objection import IN_FORCE, ObjectionState, initial_state
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.mandate_findings import add_finding, findings_of, raise_entries
from app.storage.mandate_reach import objections_under, reached_lists
from app.storage.mandates import add_mandate_state, mandate_rows
from app.storage.objections import add_objection_state, objection_controllers
from app.storage.parties import load_profiles
from app.storage.sealed import Plain, seal, unseal
from app.storage.units import WriteUnit
from app.storage.versions import lock_lists, take_versions
from app.usecases.act import Act
from app.usecases.check_evidence import SentMandate, check_evidence
from app.usecases.mandate_view import MandateView, show_mandates
from app.usecases.read_mandates import visible_mandate

RECHECKED: Final = "mandate.rechecked"
REVIEWED: Final = "mandate.reviewed"


async def recheck_mandate(unit: WriteUnit, act: Act, mandate_id: UUID) -> MandateView:
    """Run every check again and add what was found. STATE_CONFLICT when the evidence was erased, or when
    somebody else changes the state of the mandate meanwhile."""
    row, opened = await _opened(unit, act, mandate_id)
    accepted = await _reviewed(unit, mandate_id)
    checks = await _checks(unit, act, row, opened, accepted)
    return await _add_and_follow(unit, act, row, RECHECKED, checks)


async def review_mandate(
    unit: WriteUnit, act: Act, mandate_id: UUID, reason: str, *, accepted: bool
) -> MandateView:
    """Say what the document of a mandate shows. Its agent's own people have no say."""
    row, opened = await _opened(unit, act, mandate_id)
    if act.who.party_id == row.agent_id:
        raise RefusedError(Refusal.ROLE_DENIED, "An agent does not judge its own mandate.")
    if row.evidence_kind != DOCUMENT:
        raise RefusedError(Refusal.STATE_CONFLICT, "Only a document is looked at; the rest is computed.")
    await seal(unit, [Plain(act.event_id, row.subject, "mandate_reason", {"reason": reason})], act.now)
    checks = await _checks(unit, act, row, opened, accepted)
    return await _add_and_follow(unit, act, row, REVIEWED, checks)


async def _opened(unit: WriteUnit, act: Act, mandate_id: UUID) -> tuple[Any, Any]:
    """The mandate and what was sent of it, its lists held."""
    await visible_mandate(unit, act.who, mandate_id)
    await lock_lists(unit, await reached_lists(unit, mandate_id))
    row = await visible_mandate(unit, act.who, mandate_id)
    opened = (await unseal(unit, [row.sealed_id])).get(row.sealed_id)
    if opened is None:
        raise RefusedError(Refusal.STATE_CONFLICT, "The person was erased, and the evidence with it.")
    return row, opened


async def _reviewed(unit: WriteUnit, mandate_id: UUID) -> bool | None:
    """What an admin found last of the document; None when nobody has looked."""
    outcomes = {"passed": True, "failed": False}
    said = [c for f in await findings_of(unit, mandate_id) for c in f.checks if c["code"] == DOCUMENT_REVIEW]
    return outcomes.get(said[-1]["outcome"]) if said else None


async def _checks(
    unit: WriteUnit,
    act: Act,
    row: Any,
    opened: Any,
    accepted: bool | None,  # noqa: FBT001 - a finding
) -> tuple[CheckResult, ...]:
    request, grantor = opened["request"], opened["grantor"].get("canonical", "")
    times = row.signed_at, row.valid_from, row.valid_to, row.received_at
    sent = SentMandate(row.id, row.agent_id, request, claims_digest(request), grantor, times)
    return await check_evidence(unit, act, sent, accepted=accepted)


async def _add_and_follow(
    unit: WriteUnit, act: Act, row: Any, kind: str, checks: Sequence[CheckResult]
) -> MandateView:
    """Add a finding with its event, and let state and level follow; the lists are held."""
    level = level_of(row.evidence_kind, checks)
    state = state_after(MandateState(row.state), checks)
    raised = await _raise(unit, act, row.id, level) if level > row.level else 0
    detail = {
        "state": state.value,
        "level": level,
        "checks": {check.code: check.outcome.value for check in checks},
        "objections_raised": raised,
    }
    event = Event(act.event_id, act.now, kind, act.caller, row.id, "done", act.request_digest, detail)
    await record_events(unit, [event])
    ordinal = 1 + len(await findings_of(unit, row.id))
    await add_finding(unit, row.id, ordinal, (level, checks), act.event_id, act.now)
    if state is not MandateState(row.state) and not await add_mandate_state(
        unit, mandate_id=row.id, ordinal=row.ordinal + 1, state=state, event_id=act.event_id, now=act.now
    ):
        raise RefusedError(Refusal.STATE_CONFLICT, "The mandate has got another state meanwhile.")
    return (await show_mandates(unit, await mandate_rows(unit, [row.id]), act.now))[0]


async def _raise(unit: WriteUnit, act: Act, mandate_id: UUID, level: int) -> int:
    """The objections in force that were received at a lower level; how many there were."""
    below = [
        one
        for one in await objections_under(unit, mandate_id, [state.value for state in IN_FORCE])
        if one.level < level
    ]
    for one in below:
        await _raise_objection(unit, act.part(), one, level)
    return len(below)


async def _raise_objection(unit: WriteUnit, act: Act, one: Any, level: int) -> None:
    numbers = await objection_controllers(unit, one.id)
    versions = await take_versions(unit, numbers, act.event_id, act.now)
    for number in numbers:
        await raise_entries(unit, number, versions[number], one.id, level, act.event_id, act.now)
    state = ObjectionState(one.state)
    profiles = await load_profiles(unit, {number for number in numbers if number})
    if state is ObjectionState.PENDING:
        state = initial_state(level, [one.policy.minimum_level for one in profiles.values()])
    if state.value != one.state:
        await add_objection_state(
            unit,
            objection_id=one.id,
            ordinal=one.ordinal + 1,
            state=state,
            actor_id=act.who.credential_id,
            event_id=act.event_id,
            now=act.now,
        )
    detail = {"state": state.value, "level": level, "versions": {str(n): v for n, v in versions.items()}}
    kind = "objection.level_raised"
    await record_events(
        unit, [Event(act.event_id, act.now, kind, act.caller, one.id, "done", act.request_digest, detail)]
    )
