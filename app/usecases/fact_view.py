"""A consent or a relationship as its controller's customer service sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.fact_kind import FactKind
from app.storage.sealed import unseal
from app.storage.units import ReadUnit
from app.storage.versions import AsOf


@dataclass(frozen=True, slots=True)
class FactView:
    """`columns` are those of its table; `subject` is whose an answer is that is kept. `canonical` is None
    when the identifier came as a hash or has been erased (`erased`)."""

    id: UUID
    kind: FactKind
    identifier_type: str
    canonical: str | None
    columns: Mapping[str, Any]
    recorded_at: datetime
    ended_at: datetime | None
    event_id: UUID
    as_of: AsOf
    subject: UUID | None
    erased: bool = False
    conflicts: tuple[str, ...] = ()
    duplicate: bool = False

    @staticmethod
    def of(
        kind: FactKind,
        row: Mapping[str, Any],
        canonical: str | None,
        subject: UUID | None = None,
        *,
        erased: bool = False,
    ) -> "FactView":
        """From a row of its table, with its end if it has one."""
        reached = max(row["version"], row.get("end_version") or 0)
        return FactView(
            id=row["id"],
            kind=kind,
            identifier_type=row["identifier_type"],
            canonical=canonical,
            columns=row,
            recorded_at=row["recorded_at"],
            ended_at=row.get("ended_at"),
            event_id=row["event_id"],
            as_of=AsOf.after_write(row["controller_no"], reached),
            subject=subject,
            erased=erased,
        )


async def shown_facts(unit: ReadUnit, kind: FactKind, rows: Sequence[Mapping[str, Any]]) -> list[FactView]:
    """Stored ones as they stand now, their identifiers unsealed in one go."""
    plain = await unseal(unit, [row["sealed_id"] for row in rows])
    return [
        FactView.of(
            kind,
            row,
            plain.get(row["sealed_id"], {}).get("canonical"),
            erased=row["sealed_id"] not in plain,
        )
        for row in rows
    ]
