"""What auditors are answered."""

from typing import Any
from uuid import UUID

from app.api.schemas.base import Answer, Time
from app.api.schemas.mandates import FindingAnswer, MandateAnswer, MandateChecksAnswer
from app.api.schemas.objections import ObjectionAnswer
from app.usecases.audit_objection import Chain, Link


class LinkAnswer(Answer):
    """One thing that happened: to the mandate, the objection or one of its entries (`about`). `said` is what
    was stated with it, such as a reason or a purpose; it is empty once it has been erased."""

    event_id: UUID
    at: Time
    about: str
    object_id: UUID
    kind: str
    outcome: str
    actor_id: UUID | None
    actor_role: str | None
    credential_id: UUID | None
    detail: dict[str, Any]
    said: dict[str, Any]

    @staticmethod
    def of(link: Link) -> "LinkAnswer":
        """One link in the contract's words."""
        return LinkAnswer(
            event_id=link.event_id,
            at=link.at,
            about=link.about,
            object_id=link.object_id,
            kind=link.kind,
            outcome=link.outcome,
            actor_id=link.actor_id,
            actor_role=link.actor_role,
            credential_id=link.credential_id,
            detail=dict(link.detail),
            said=dict(link.said),
        )


class ChainAnswer(Answer):
    """An objection, the mandate behind it as it stands now with every later finding, and what happened to
    them and to the entries, oldest first, in pages."""

    objection: ObjectionAnswer
    mandate: MandateAnswer | None
    findings: list[FindingAnswer]
    items: list[LinkAnswer]
    next_cursor: str | None

    @staticmethod
    def of(chain: Chain, next_cursor: str | None) -> "ChainAnswer":
        """The answer about one objection."""
        mandate = chain.mandate
        return ChainAnswer(
            objection=ObjectionAnswer.of(chain.objection),
            mandate=MandateAnswer.of(mandate) if mandate else None,
            findings=MandateChecksAnswer.of(mandate, chain.findings).later if mandate else [],
            items=[LinkAnswer.of(link) for link in chain.links],
            next_cursor=next_cursor,
        )
