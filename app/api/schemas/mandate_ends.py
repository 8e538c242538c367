"""What is said when a mandate is contested, superseded or closed."""

from typing import Literal
from uuid import UUID

from app.api.schemas.base import Request, Text500
from app.api.schemas.scopes import Evidence


class ContestRequest(Request):
    """What an admin holds of a mandate. `forged` contests, and by a second admin voids; `confirmed`: the
    person stands by the objections, with evidence; `genuine`: the doubt was unfounded."""

    reason: Text500
    finding: Literal["forged", "confirmed", "genuine"] = "forged"
    evidence: Evidence | None = None


class SupersedeRequest(Request):
    """The newer mandate of the same person for the same agent."""

    by: UUID


class CloseRequest(Request):
    """The grantor has died, or is a child no more."""

    cause: Literal["death", "of_age"]
    reason: Text500


class ReviewRequest(Request):
    """What an admin saw in the document of a mandate, and how that was made sure."""

    outcome: Literal["accepted", "refused"]
    reason: Text500
