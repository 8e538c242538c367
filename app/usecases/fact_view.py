"""A consent or a relationship as its controller's customer service sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.fact_kind import FactKind
from app.storage.versions import AsOf


@dataclass(frozen=True, slots=True)
class FactView:
    """`columns` are those of its table; `canonical` is None when the identifier came as a hash or has been
    erased."""

    id: UUID
    kind: FactKind
    identifier_type: str
    canonical: str | None
    columns: Mapping[str, Any]
    recorded_at: datetime
    ended_at: datetime | None
    event_id: UUID
    as_of: AsOf
    subject: UUID
    conflicts: tuple[str, ...] = ()
    duplicate: bool = False

    @staticmethod
    def of(kind: FactKind, row: Mapping[str, Any], canonical: str | None, subject: UUID) -> "FactView":
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
        )
