"""Mandates and what became of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.domain.mandate import CheckResult, Mandate, MandateState, Outcome
from app.storage.tables import MANDATE, MANDATE_CHECK, MANDATE_IDENTIFIER, MANDATE_STATE
from app.storage.units import ReadUnit, Rows, WriteUnit

_LOAD = text("SELECT * FROM registry.mandate_now WHERE id = ANY(:ids)")
_SHOW = """
SELECT m.*, e.detail AS registered FROM registry.mandate_now m JOIN registry.event e ON e.id = m.event_id
"""
_THESE = text(_SHOW + "WHERE m.id = ANY(:ids) ORDER BY m.id")
_LIST = text(
    _SHOW
    + """
WHERE (CAST(:agent_id AS uuid) IS NULL OR m.agent_id = CAST(:agent_id AS uuid)) AND m.id > :after
ORDER BY m.id LIMIT :limit
"""
)
_BESIDE = text("""
SELECT m.* FROM registry.mandate_now m
WHERE m.id IN (SELECT i.mandate_id FROM registry.mandate_identifier i
               WHERE i.fingerprint = ANY(CAST(:grantor AS uuid[])) AND i.grantor)
  AND m.id <> :id AND m.state <> 'rejected' AND m.valid_from < :valid_to AND m.valid_to > :valid_from
  AND (CAST(:agent_id AS uuid) IS NULL OR m.agent_id = CAST(:agent_id AS uuid))
ORDER BY m.id DESC LIMIT :limit
""")
_CHECKS = text("""
SELECT mandate_id, code, outcome, detail FROM registry.mandate_check
WHERE mandate_id = ANY(:ids) ORDER BY mandate_id, position
""")
_NEXT_STATE = text("""
INSERT INTO registry.mandate_state (mandate_id, ordinal, state, at, event_id)
VALUES (:mandate_id, :ordinal, :state, :at, :event_id) ON CONFLICT DO NOTHING
""")


async def add_mandate(
    unit: WriteUnit,
    row: Mapping[str, Any],
    fingerprints: Sequence[Mapping[str, Any]],
    checks: Sequence[CheckResult],
    state: MandateState,
) -> None:
    """Write a mandate with its checks and first state. `fingerprints`: rows of fingerprint and grantor."""
    identity = {"mandate_id": row["id"]}
    stamp = {**identity, "event_id": row["event_id"]}
    await unit.insert(MANDATE, [row])
    numbered = enumerate(fingerprints)
    await unit.insert(MANDATE_IDENTIFIER, [{**identity, "position": n, **each} for n, each in numbered])
    await unit.insert(
        MANDATE_CHECK,
        [
            {**stamp, "position": n, "code": c.code, "outcome": c.outcome.value, "detail": c.detail}
            for n, c in enumerate(checks)
        ],
    )
    await unit.insert(
        MANDATE_STATE, [{**stamp, "ordinal": 1, "state": state.value, "at": row["received_at"]}]
    )


def mandate_of(row: Row[Any]) -> Mandate:
    """A row as an act under it needs to know it."""
    return Mandate(
        id=row.id,
        agent_id=row.agent_id,
        subject=row.subject,
        rights=frozenset(row.rights),
        controllers=None if row.controllers is None else frozenset(row.controllers),
        channels=row.channels,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        level=row.level,
        state=MandateState(row.state),
        signature_failed=row.signature_failed,
        grantor=frozenset(row.grantor),
        proven=frozenset(row.proven),
    )


async def load_mandates(unit: ReadUnit, ids: Collection[UUID]) -> dict[UUID, Mandate]:
    """Mandates by id, in one statement however many there are."""
    return {row.id: mandate_of(row) for row in await unit.rows(_LOAD, {"ids": list(ids)})}


async def mandate_rows(unit: ReadUnit, ids: Collection[UUID]) -> Rows:
    """Whole rows, with `state` and `ordinal` of the newest state, and in `registered` what the event of the
    registration says."""
    return await unit.rows(_THESE, {"ids": list(ids)})


async def list_mandates(unit: ReadUnit, agent_id: UUID | None, after: UUID, limit: int) -> Rows:
    """Whole rows like those of `mandate_rows`, in the order of their ids, of one agent or of all."""
    return await unit.rows(_LIST, {"agent_id": agent_id, "after": after, "limit": limit})


async def mandates_beside(unit: ReadUnit, row: Any, agent_id: UUID | None, limit: int) -> Rows:
    """Other mandates of the same grantor that hold at the same time, of one agent or of all, newest first.
    One that failed its checks gave nothing."""
    found = {
        "id": row.id,
        "grantor": list(row.grantor),
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
    }
    return await unit.rows(_BESIDE, {**found, "agent_id": agent_id, "limit": limit})


async def checks_of(unit: ReadUnit, ids: Collection[UUID]) -> dict[UUID, list[CheckResult]]:
    """The checks of these mandates, as they were judged when each came in."""
    found: dict[UUID, list[CheckResult]] = {mandate_id: [] for mandate_id in ids}
    for row in await unit.rows(_CHECKS, {"ids": list(ids)}):
        found[row.mandate_id].append(CheckResult(row.code, Outcome(row.outcome), row.detail))
    return found


async def add_mandate_state(
    unit: WriteUnit, *, mandate_id: UUID, ordinal: int, state: MandateState, event_id: UUID, now: datetime
) -> bool:
    """The next state of a mandate; False when somebody else came first with that ordinal."""
    values = {"mandate_id": mandate_id, "ordinal": ordinal, "state": state.value, "at": now}
    return await unit.run(_NEXT_STATE, {**values, "event_id": event_id}) > 0


_HISTORY = text("""
SELECT s.ordinal, s.state, s.at, s.event_id, e.credential_id, e.kind, e.actor_role
FROM registry.mandate_state s JOIN registry.event e ON e.id = s.event_id
WHERE s.mandate_id = :mandate_id ORDER BY s.ordinal
""")


async def mandate_history(unit: ReadUnit, mandate_id: UUID) -> Rows:
    """Every state of a mandate, the first one first, with the credential behind it."""
    return await unit.rows(_HISTORY, {"mandate_id": mandate_id})
