"""Erasure as admins ask for it and see it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.schemas.base import Answer, Request, Text500, Time, limited
from app.api.schemas.identifiers import Identifier
from app.usecases.erase_subjects import ErasureView

MOST_IDENTIFIERS = 50


class ErasureRequest(Request):
    """Whose data is to be erased, by all identifiers that the person names, and why."""

    identifiers: Annotated[list[Identifier], limited(MOST_IDENTIFIERS, 1)]
    reason: Text500 = Field(description="Kept by the registry when all else is gone: it names no person.")


class ErasedAnswer(Answer):
    """A kind of data that can no longer be read; `count` is null for what is not counted."""

    what: Literal["plain_identifiers", "mandate_details", "statements", "stored_answers"]
    count: int | None


class KeptAnswer(Answer):
    """A kind of data that stays, the law that says so, and why."""

    what: str
    count: int | None
    law: str
    why: str


class ErasureAnswer(Answer):
    """An erasure. `requested` waits for a second, different admin, and `erased` is then what will go;
    `nothing_held` is answered when nothing can be read of these identifiers. `subjects` counts data keys."""

    id: UUID | None
    state: Literal["requested", "erased", "nothing_held"]
    requested_at: Time | None
    erased_at: Time | None
    subjects: int
    erased: list[ErasedAnswer]
    kept: list[KeptAnswer]
    event_id: UUID

    @staticmethod
    def of(view: ErasureView) -> "ErasureAnswer":
        """A view in the contract's words."""
        erased = [{"what": what, "count": count} for what, count in view.erased.items()]
        kept = [{"what": k.what, "count": k.count, "law": k.law, "why": k.why} for k in view.kept]
        return ErasureAnswer.model_validate(
            {
                "id": view.id,
                "state": view.state,
                "requested_at": view.requested_at,
                "erased_at": view.erased_at,
                "subjects": view.subjects,
                "erased": erased,
                "kept": kept,
                "event_id": view.event_id,
            }
        )
