"""Mandates as those see them who must be able to rely on them: the evidence, and the proof."""

from typing import Any, Literal
from uuid import UUID

from app.api.schemas.base import Answer, Time
from app.api.schemas.mandates import MandateTemplateAnswer
from app.usecases.read_evidence import EvidenceView


class EvidenceAnswer(Answer):
    """The claims and the evidence as they were sent; null once the person was erased (`erased`)."""

    mandate_id: UUID
    kind: str
    erased: bool
    claims_digest: str | None
    claims: dict[str, Any] | None
    evidence: dict[str, Any] | None
    event_id: UUID

    @staticmethod
    def of(view: EvidenceView) -> "EvidenceAnswer":
        """The answer about one mandate's evidence."""
        return EvidenceAnswer(
            mandate_id=view.mandate_id,
            kind=view.kind,
            erased=view.erased,
            claims_digest=view.claims_digest,
            claims=dict(view.claims) if view.claims is not None else None,
            evidence=dict(view.evidence) if view.evidence is not None else None,
            event_id=view.event_id,
        )


class ProvenCheckAnswer(Answer):
    """What one check found."""

    code: str
    outcome: str


class ProvenObjectionAnswer(Answer):
    """An objection to this controller (or, `everywhere`, to all) that was received under the mandate."""

    id: UUID
    state: str
    received_at: Time
    everywhere: bool


class ProofAnswer(Answer):
    """What is proven of a mandate; `receipt` states the same, signed. Nobody is named in it."""

    mandate_id: UUID
    controller_id: UUID
    state: str
    level: str
    evidence: str
    rights: list[str]
    channels: Literal["all"] | list[str]
    valid_from: Time
    valid_to: Time
    signed_at: Time
    received_at: Time
    template: MandateTemplateAnswer | None
    checks: list[ProvenCheckAnswer]
    objections: list[ProvenObjectionAnswer]
    stated_at: Time
    receipt: str
