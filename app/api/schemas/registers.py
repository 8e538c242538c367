"""National registers: what there is, and what was imported."""

from datetime import date
from typing import Literal, Self
from uuid import UUID

from app.api.schemas.base import Answer, Time
from app.domain.register_list import Snapshot
from app.usecases.list_registers import RegisterState


class RegisterImportAnswer(Answer):
    """One imported list: a snapshot that is never changed. `rejected` is always 0: a list with a line
    that cannot be read is refused whole."""

    id: UUID
    code: str
    version_date: date
    rows: int
    rejected: int
    identifier_types: list[str]
    imported_at: Time
    event_id: UUID

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """As the use case gives it."""
        return cls(
            id=snapshot.id,
            code=snapshot.code,
            version_date=snapshot.version_date,
            rows=snapshot.rows,
            rejected=0,
            identifier_types=list(snapshot.types),
            imported_at=snapshot.imported_at,
            event_id=snapshot.event_id,
        )


class RegisterAnswer(Answer):
    """A register and its newest list. `state`: fresh; stale, when that list is older than the register
    allows; missing, when there is none; ended, when the register is no more and decides nothing."""

    code: str
    country: str
    name: str
    channels: list[str]
    purposes: list[str]
    columns: list[str]
    state: Literal["fresh", "stale", "missing", "ended"]
    age_days: int | None
    fresh_until: date | None
    ended: date | None
    newest: RegisterImportAnswer | None

    @classmethod
    def of(cls, known: RegisterState) -> Self:
        """As the use case gives it."""
        register = known.wanted.register
        return cls(
            code=register.code,
            country=register.country,
            name=register.name,
            channels=sorted(register.channels),
            purposes=sorted(register.purposes),
            columns=list(known.wanted.fields),
            state=known.state,
            age_days=known.age_days,
            fresh_until=known.fresh_until,
            ended=known.wanted.ended,
            newest=RegisterImportAnswer.of(known.snapshot) if known.snapshot else None,
        )


class RegistersAnswer(Answer):
    """All registers in the order of their codes; they are few, and there is never a second page."""

    items: list[RegisterAnswer]
    next_cursor: str | None
