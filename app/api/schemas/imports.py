"""Files of existing opt-outs, as customer service sees what became of them."""

from typing import Literal, Self
from uuid import UUID

from app.api.schemas.base import Answer
from app.usecases.import_opt_outs import Imported, Reverted


class RejectedRow(Answer):
    """A row that could not be read: its line, and why; never what stood in it."""

    line: int
    reason: str


class ImportCounts(Answer):
    """Every row is a wish, or passed over because it is none, or rejected. A wish has a new entry, or one
    that stood already."""

    rows: int
    new_entries: int
    standing: int
    passed_over: int
    rejected: int


class ImportAnswer(Answer):
    """What became of a file. `id` takes it back; a dry run has none. Twenty rejected rows are shown."""

    id: UUID | None
    dry_run: bool
    layout: str
    counts: ImportCounts
    rejected: list[RejectedRow]
    event_id: UUID | None
    as_of: str | None

    @classmethod
    def of(cls, done: Imported) -> Self:
        """As the use case gives it."""
        file = done.file
        return cls(
            id=done.id,
            dry_run=done.id is None,
            layout=file.layout,
            counts=ImportCounts(
                rows=file.rows,
                new_entries=done.new_entries,
                standing=len(file.wishes) - done.new_entries,
                passed_over=file.passed_over,
                rejected=file.rejected_total,
            ),
            rejected=[RejectedRow(line=line, reason=reason) for line, reason in file.rejected],
            event_id=done.event_id,
            as_of=None if done.as_of is None else str(done.as_of),
        )


class RevertedImportAnswer(Answer):
    """The import stands no more; `released` counts the entries that stood because of it alone."""

    id: UUID
    state: Literal["reverted"]
    released: int
    event_id: UUID
    as_of: str

    @classmethod
    def of(cls, done: Reverted) -> Self:
        """As the use case gives it."""
        return cls(
            id=done.id,
            state="reverted",
            released=done.released,
            event_id=done.event_id,
            as_of=str(done.as_of),
        )
