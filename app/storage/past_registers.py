"""Every list of national registers that was ever imported, and what the lines that are still there say."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.domain.past_registers import SnapshotPast
from app.domain.refusals import UnavailableError
from app.storage.registers import register_canary
from app.storage.units import ReadUnit, statement

_EVER = text("""
SELECT s.snapshot_no, s.id, s.register_code, s.version_date, s.event_id, r.identifier_types, r.at,
       d.at AS dropped_at
FROM registry.register_snapshot s JOIN registry.register_snapshot_ready r ON r.snapshot_no = s.snapshot_no
LEFT JOIN registry.register_snapshot_dropped d ON d.snapshot_no = s.snapshot_no
WHERE s.register_code = ANY(:codes)
""")
_HITS = statement("register_hits")


async def snapshots_ever(unit: ReadUnit, codes: Collection[str]) -> dict[str, list[SnapshotPast]]:
    """By code, every list that was put in use."""
    found: dict[str, list[SnapshotPast]] = {code: [] for code in codes}
    for row in await unit.rows(_EVER, {"codes": list(codes)}) if codes else ():
        found[row.register_code].append(_snapshot(row))
    return found


def _snapshot(row: Any) -> SnapshotPast:
    return SnapshotPast(
        row.snapshot_no,
        row.id,
        row.register_code,
        row.version_date,
        tuple(row.identifier_types),
        row.at,
        row.event_id,
        row.dropped_at,
    )


async def hits_in(
    unit: ReadUnit, snapshots: Collection[SnapshotPast], digests: bytes
) -> Mapping[int, dict[UUID, int]]:
    """By number of a list whose lines are there, the flags of each of these fingerprints that it holds."""
    canaries = {one.number: register_canary(unit, one.id) for one in snapshots}
    found: dict[int, dict[UUID, int]] = {number: {} for number in canaries}
    if not canaries:
        return found
    asked = digests + b"".join(canary.bytes for canary in canaries.values())
    for row in await unit.rows(_HITS, {"numbers": list(canaries), "fingerprints": asked.hex(",", -16)}):
        hits = found[row.snapshot_no]
        hits[row.fingerprint] = hits.get(row.fingerprint, 0) | row.flags
    if any(found[number].pop(canary, None) is None for number, canary in canaries.items()):
        raise UnavailableError("the canary of a register did not come back")
    return found
