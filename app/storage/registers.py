"""Snapshots of national registers: loaded in one transaction, never changed, asked by fingerprint.

A snapshot counts once its `ready` row is committed, until the operator drops it. Each holds a canary on line
0, made with the key: a lookup that does not get it back reads hidden rows, the wrong key or another database,
and answers nothing (R03).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final
from uuid import UUID

import asyncpg
import numpy as np
from sqlalchemy import Row, text

from app.domain.refusals import UnavailableError
from app.domain.register_list import Snapshot
from app.storage.events import keyed
from app.storage.fact_tables import REGISTER_ENTRY, REGISTER_SNAPSHOT, REGISTER_SNAPSHOT_READY
from app.storage.units import ReadUnit, WriteUnit, statement

_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(7233)")
# A list comes as fast as its sender sends it. Each statement and each pause still has its limit.
_LONG = text("""
SELECT set_config('transaction_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '60s', true)
""")
_NEXT = text("SELECT coalesce(max(s.snapshot_no), 0) + 1 AS number FROM registry.register_snapshot s")
_COLUMNS = """
SELECT s.snapshot_no, s.id, s.register_code, s.version_date, s.event_id,
       r.line_count, r.identifier_types, r.at
FROM registry.register_snapshot s JOIN registry.register_snapshot_ready r ON r.snapshot_no = s.snapshot_no
AND NOT EXISTS (SELECT FROM registry.register_snapshot_dropped d WHERE d.snapshot_no = s.snapshot_no)
"""
_SAME = text(
    f"{_COLUMNS} WHERE s.register_code = :code AND s.version_date = :version_date AND r.file_digest = :digest"
)
_NEWEST = text(
    _COLUMNS.replace("SELECT", "SELECT DISTINCT ON (s.register_code)", 1)
    + " WHERE s.register_code = ANY (CAST(:codes AS text[]))"
    " ORDER BY s.register_code, s.version_date DESC, s.snapshot_no DESC"
)
_HITS = statement("register_hits")

_BEGIN: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"
# A row of COPY BINARY: the number of columns, then each with its length before it.
_ROW: Final = np.dtype(
    [
        ("columns", ">i2"),
        ("snapshot_bytes", ">i4"),
        ("snapshot_no", ">i4"),
        ("fingerprint_bytes", ">i4"),
        ("fingerprint", "V16"),
        ("line_bytes", ">i4"),
        ("line", ">i4"),
        ("flags_bytes", ">i4"),
        ("flags", ">i2"),
    ]
)
_FIXED: Final = {
    "columns": 4,
    "snapshot_bytes": 4,
    "fingerprint_bytes": 16,
    "line_bytes": 4,
    "flags_bytes": 2,
}
_NAMES: Final = ("snapshot_no", "fingerprint", "line", "flags")


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """What the newest snapshot of a register says: the flags of each asked fingerprint that it holds. It says
    nothing about identifiers of other types than `types`."""

    snapshot_id: UUID
    version_date: date
    types: frozenset[str]
    hits: Mapping[UUID, int]


Narrowed = Callable[[Mapping[int, UUID], bytes], bytes]
"""Those of some fingerprints that snapshots, by number with their canaries, may hold."""

RegisterAnswers = Mapping[str, RegisterAnswer]
"""By register code; a register without a snapshot has no answer, and may never be taken for a clear one."""


async def open_snapshot(
    unit: WriteUnit, id_: UUID, code: str, version_date: date, event_id: UUID
) -> int | None:
    """Begin a snapshot and return its number; None while another list is being loaded."""
    locked = await unit.row(_TRY_LOCK)
    if locked is None or not locked[0]:
        return None
    await unit.rows(_LONG)
    number = int((await unit.rows(_NEXT))[0].number)
    row = {"snapshot_no": number, "id": id_, "register_code": code, "version_date": version_date}
    await unit.insert(REGISTER_SNAPSHOT, [{**row, "event_id": event_id}])
    return number


async def add_register_entries(
    unit: WriteUnit, snapshot_no: int, digests: bytes, lines: Sequence[int], flags: Sequence[int]
) -> None:
    """Load fingerprints, 16 bytes each, with the line and flags of each."""
    rows = np.empty(len(lines), _ROW)
    for name, value in _FIXED.items():
        rows[name] = value
    rows["snapshot_no"] = snapshot_no
    rows["fingerprint"] = np.frombuffer(digests, "V16")
    rows["line"] = lines
    rows["flags"] = flags
    # In the order of the index, which then touches fewer pages.
    ordered = rows[np.argsort(np.frombuffer(digests, ">u8")[::2])]
    source = BytesIO(_BEGIN + ordered.tobytes() + _END)
    connection: Any = unit.connection
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        await driver.copy_to_table(
            REGISTER_ENTRY.name,
            schema_name=REGISTER_ENTRY.schema,
            columns=_NAMES,
            source=source,
            format="binary",
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as failed:
        # The driver's own text can quote a row.
        raise UnavailableError(type(failed).__name__) from None


async def close_snapshot(
    unit: WriteUnit, number: int, id_: UUID, rows: int, types: Collection[str], digest: bytes, now: datetime
) -> None:
    """Put the canary in and the snapshot in use, when this transaction is committed."""
    canary = {"snapshot_no": number, "fingerprint": register_canary(unit, id_), "line": 0, "flags": 0}
    await unit.insert(REGISTER_ENTRY, [canary])
    ready = {"snapshot_no": number, "line_count": rows, "identifier_types": sorted(types), "at": now}
    await unit.insert(REGISTER_SNAPSHOT_READY, [{**ready, "file_digest": keyed(unit, digest)}])


def register_canary(unit: ReadUnit, snapshot_id: UUID) -> UUID:
    """The reserved fingerprint of a snapshot."""
    return unit.instruments.fingerprints.text("canary", f"register {snapshot_id}")


async def same_snapshot(unit: ReadUnit, code: str, version_date: date, digest: bytes) -> Snapshot | None:
    """The snapshot made of the very same file for the same date."""
    values = {"code": code, "version_date": version_date, "digest": keyed(unit, digest)}
    row = await unit.row(_SAME, values)
    return _snapshot(row) if row else None


async def newest_snapshots(unit: ReadUnit, codes: Collection[str]) -> dict[str, Snapshot]:
    """The newest snapshot of each register that has one, by the date of its version."""
    return {row.register_code: _snapshot(row) for row in await unit.rows(_NEWEST, {"codes": list(codes)})}


async def register_hits(
    unit: ReadUnit,
    codes: Collection[str],
    digests: bytes,
    narrowed: Narrowed = lambda _canaries, digests: digests,
) -> RegisterAnswers:
    """Ask the newest snapshots of some registers at once; `digests` are 16 bytes each, joined."""
    snapshots = await newest_snapshots(unit, codes)
    if not snapshots:
        return {}
    canaries = {one.number: register_canary(unit, one.id) for one in snapshots.values()}
    asked = narrowed(canaries, digests) + b"".join(canary.bytes for canary in canaries.values())
    found: dict[int, dict[UUID, int]] = {number: {} for number in canaries}
    values = {"numbers": list(canaries), "fingerprints": asked.hex(",", -16)}
    for row in await unit.rows(_HITS, values):
        hits = found[row.snapshot_no]
        hits[row.fingerprint] = hits.get(row.fingerprint, 0) | row.flags
    if any(found[number].pop(canary, None) is None for number, canary in canaries.items()):
        raise UnavailableError("the canary of a register did not come back")
    return {
        code: RegisterAnswer(one.id, one.version_date, frozenset(one.types), found[one.number])
        for code, one in snapshots.items()
    }


def _snapshot(row: Row[Any]) -> Snapshot:
    return Snapshot(
        row.snapshot_no,
        row.id,
        row.register_code,
        row.version_date,
        row.line_count,
        tuple(row.identifier_types),
        row.at,
        row.event_id,
    )
