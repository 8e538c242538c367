"""Washes of files: what is known of each, and who works on it. Work in progress, so rows change here.

There is no row level security: the rows hold figures, no recipient in any form, and whoever does the work
does it for all controllers. Every other statement names the controllers that its caller may ask for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.storage.events import keyed
from app.storage.tables import WASH
from app.storage.units import ReadUnit, WriteUnit
from app.storage.versions import AsOf

_COLUMNS = """
w.controller_no, w.id, w.party_id, w.credential_id, w.list_key, w.recheck_of, w.media, w.state, w.code,
w.rows, w.done, w.blocked, w.invalid, w.as_of_controller, w.as_of_everybody, w.decided_at, w.valid_until,
w.positions, w.created_at, w.ended_at, w.expires_at, w.claim
"""
# The columns are the constant above.
_FIND = text(f"SELECT {_COLUMNS} FROM ops.wash w WHERE w.controller_no = ANY(:numbers) AND w.id = :id")  # noqa: S608 - as above
_OF_REFERENCE = text(
    f"SELECT {_COLUMNS} FROM ops.wash w WHERE w.controller_no = :number AND w.reference = :reference"  # noqa: S608 - as above
)
_CLAIM = text(f"""
UPDATE ops.wash w SET state = 'running', claim = :claim, claimed_until = :until
WHERE (w.controller_no, w.id) = (
    SELECT n.controller_no, n.id FROM ops.wash n
    WHERE n.state IN ('waiting', 'running') AND n.claimed_until < :now
    ORDER BY n.claimed_until LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}
""")  # noqa: S608 - as above
_PROGRESS = text("""
UPDATE ops.wash SET done = :done, blocked = :blocked, invalid = :invalid,
       as_of_controller = :as_of_controller, as_of_everybody = :as_of_everybody,
       decided_at = :decided_at, valid_until = :valid_until,
       positions = :positions, claimed_until = :until
WHERE controller_no = :number AND id = :id AND claim = :claim AND state = 'running'
""")
_END = text("""
UPDATE ops.wash SET state = :state, code = :code, ended_at = :now, expires_at = :expires_at, claim = NULL,
       rows = CASE WHEN CAST(:code AS text) IS NULL THEN done ELSE rows END
WHERE controller_no = :number AND id = :id AND claim = :claim AND state = 'running'
""")
_RELEASE = text("""
UPDATE ops.wash SET claim = NULL, claimed_until = :until
WHERE controller_no = :number AND id = :id AND claim = :claim
""")
_EXPIRE = text("""
UPDATE ops.wash SET state = 'erased'
WHERE expires_at < :now AND state <> 'erased' RETURNING id
""")
_KEPT = text("SELECT id FROM ops.wash WHERE state IN ('waiting', 'running', 'done')")


@dataclass(frozen=True, slots=True)
class Wash:
    """One wash as it stands. `state` is waiting, running, done, failed or erased."""

    controller_no: int
    id: UUID
    party_id: UUID
    credential_id: UUID
    list_key: bytes
    recheck_of: UUID | None
    media: str
    state: Any
    code: str | None
    rows: int
    done: int
    blocked: int
    invalid: int
    as_of: AsOf | None
    decided_at: datetime | None
    valid_until: datetime | None
    positions: tuple[int, ...]
    created_at: datetime
    ended_at: datetime | None
    expires_at: datetime
    claim: UUID | None


def _wash(row: Row[Any]) -> Wash:
    said = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    controller, everybody = said.pop("as_of_controller"), said.pop("as_of_everybody")
    known = controller is not None and everybody is not None
    positions = tuple(said.pop("positions"))
    return Wash(**said, as_of=AsOf(controller, everybody) if known else None, positions=positions)


async def add_wash(unit: WriteUnit, row: Mapping[str, Any]) -> None:
    """A new wash that waits for somebody to do it."""
    await unit.insert(WASH, [row])


def reference_key(unit: ReadUnit, reference: str) -> bytes:
    """A caller's reference as it is kept: somebody may have made it from a phone number."""
    return keyed(unit, reference.encode())


async def find_wash(unit: ReadUnit, numbers: Collection[int], id_: UUID) -> Wash | None:
    """A wash for one of these controllers."""
    row = await unit.row(_FIND, {"numbers": list(numbers), "id": id_})
    return _wash(row) if row else None


async def wash_of_reference(unit: ReadUnit, number: int, reference: bytes) -> Wash | None:
    """The wash that came under this reference before."""
    row = await unit.row(_OF_REFERENCE, {"number": number, "reference": reference})
    return _wash(row) if row else None


async def claim_wash(unit: WriteUnit, claim: UUID, now: datetime, until: datetime) -> Wash | None:
    """Take the wash that has waited longest, or whose worker has not been heard of; None if there is none."""
    row = await unit.row(_CLAIM, {"claim": claim, "now": now, "until": until})
    return _wash(row) if row else None


async def note_progress(
    unit: WriteUnit, wash: Wash, figures: Mapping[str, Any], positions: Sequence[int], until: datetime
) -> bool:
    """How far a wash has come; False when somebody else has taken it over."""
    values = {"number": wash.controller_no, "id": wash.id, "claim": wash.claim, "until": until}
    return await unit.run(_PROGRESS, {**figures, **values, "positions": list(positions)}) > 0


async def end_wash(
    unit: WriteUnit, wash: Wash, state: str, code: str | None, now: datetime, expires_at: datetime
) -> bool:
    """Done, or failed with a code; False when somebody else has taken it over."""
    values = {"number": wash.controller_no, "id": wash.id, "claim": wash.claim, "now": now}
    return await unit.run(_END, {**values, "state": state, "code": code, "expires_at": expires_at}) > 0


async def release_wash(unit: WriteUnit, wash: Wash, until: datetime) -> None:
    """Let go of a wash that is not at its end; from `until` on somebody may take it."""
    values = {"number": wash.controller_no, "id": wash.id, "claim": wash.claim}
    await unit.run(_RELEASE, {**values, "until": until})


async def expire_washes(unit: WriteUnit, now: datetime) -> list[UUID]:
    """The washes whose files are to be erased now."""
    return [row.id for row in await unit.rows(_EXPIRE, {"now": now})]


async def kept_washes(unit: ReadUnit) -> set[UUID]:
    """The washes whose files are still wanted."""
    return {row.id for row in await unit.rows(_KEPT)}
