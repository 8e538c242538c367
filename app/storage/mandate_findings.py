"""What was found when a mandate was checked again, and the level that entries rise to by it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from app.domain.mandate import CheckResult
from app.storage.finding_tables import MANDATE_FINDING
from app.storage.units import ReadUnit, Rows, WriteUnit

_FINDINGS = text("""
SELECT ordinal, level, checks, at, event_id FROM registry.mandate_finding
WHERE mandate_id = :mandate_id ORDER BY ordinal
""")
_RAISE = text("""
INSERT INTO registry.entry_state (controller_no, entry_id, ordinal, state, at, version, event_id, level)
SELECT e.controller_no, e.id, 1 + coalesce(n.ordinal, 0), coalesce(n.state, 'active'),
       :at, :version, :event_id, CAST(:level AS int2)
FROM registry.entry e
LEFT JOIN LATERAL (SELECT s.ordinal, s.state FROM registry.entry_state s
                   WHERE s.controller_no = e.controller_no AND s.entry_id = e.id
                   ORDER BY s.ordinal DESC LIMIT 1) n ON true
WHERE CAST(e.controller_no AS int8) = :number AND e.objection_id = :objection_id AND e.level < :level
""")


async def findings_of(unit: ReadUnit, mandate_id: UUID) -> Rows:
    """The findings after the first, oldest first."""
    return await unit.rows(_FINDINGS, {"mandate_id": mandate_id})


async def add_finding(
    unit: WriteUnit,
    mandate_id: UUID,
    ordinal: int,
    found: tuple[int, Sequence[CheckResult]],
    event_id: UUID,
    now: datetime,
) -> None:
    """A finding: the level, and every check."""
    level, checks = found
    told = [{"code": c.code, "outcome": c.outcome.value, "detail": c.detail} for c in checks]
    row = {"mandate_id": mandate_id, "ordinal": ordinal, "level": level, "checks": told}
    await unit.insert(MANDATE_FINDING, [{**row, "at": now, "event_id": event_id}])


async def raise_entries(
    unit: WriteUnit, number: int, version: int, objection_id: UUID, level: int, event_id: UUID, now: datetime
) -> None:
    """Let the entries of an objection in one list have a level from now on, if theirs is lower."""
    stamp = {"at": now, "version": version, "event_id": event_id}
    await unit.run(_RAISE, {**stamp, "number": number, "objection_id": objection_id, "level": level})
