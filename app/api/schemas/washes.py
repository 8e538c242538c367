"""Washes of files, as senders ask for and see them."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.schemas.base import Answer, Time
from app.api.schemas.lookup_streams import ListQuestion
from app.api.schemas.lookups import CountsAnswer
from app.usecases.receive_wash import Wash

Result = Literal["annotated", "allowed", "blocked", "rejected"]
RESULTS: tuple[Result, ...] = ("annotated", "allowed", "blocked", "rejected")


class WashQuestion(ListQuestion):
    """The question about a file. The same list and question under the same `client_reference` is the same
    wash."""

    client_reference: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        None, description="The caller's own name for the wash, unique per controller."
    )


class ProgressAnswer(Answer):
    """How many rows are done. `rows` is an estimate by lines until the wash is done."""

    rows: int
    done: int


class WashAnswer(Answer):
    """One wash. `counts`, `as_of` and `valid_until` are those of the rows that are done; `lookup_id` finds
    the receipt, and `receipt_seed` opens single rows of it if `receipt=tree` was asked; a recheck has none.
    `files` are there when the wash is done, until `expires_at`."""

    id: UUID
    state: Literal["waiting", "running", "done", "failed", "erased"]
    code: str | None
    progress: ProgressAnswer
    counts: CountsAnswer
    as_of: str | None
    decided_at: Time | None
    valid_until: Time | None
    recheck_of: UUID | None
    created_at: Time
    ended_at: Time | None
    expires_at: Time
    lookup_id: UUID
    receipt_seed: str | None
    files: list[Result]

    @classmethod
    def of(cls, wash: Wash, seed: str | None) -> Self:
        """What a sender sees of a wash, with the seed of its receipt's tree, if it has one."""
        done = wash.state == "done"
        return cls(
            id=wash.id,
            state=wash.state,
            code=wash.code,
            progress=ProgressAnswer(rows=max(wash.rows, wash.done), done=wash.done),
            counts=CountsAnswer(
                asked=wash.done, allow=wash.done - wash.blocked, block=wash.blocked, invalid=wash.invalid
            ),
            as_of=str(wash.as_of) if wash.as_of else None,
            decided_at=wash.decided_at,
            valid_until=wash.valid_until,
            recheck_of=wash.recheck_of,
            created_at=wash.created_at,
            ended_at=wash.ended_at,
            expires_at=wash.expires_at,
            lookup_id=wash.id,
            receipt_seed=seed,
            files=list(RESULTS) if done else [],
        )
