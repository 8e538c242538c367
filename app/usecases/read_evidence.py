"""Opening the evidence of a mandate: verbatim, for a stated purpose, and never without a trace.

Whoever answers for a mandate must be able to check the signature again (GDPR Art. 5(2), 12(6)); it shows who
the person is, so each opening is an event of its own kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.storage.events import Event
from app.storage.sealed import unseal
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.read_mandates import visible_mandate
from app.usecases.record_readings import record_readings

OPENED = "mandate.evidence_read"


@dataclass(frozen=True, slots=True, repr=False)
class EvidenceView:
    """`claims` are what the digest is made of, `evidence` what was sent for it, both as they came; None once
    the person has been erased."""

    mandate_id: UUID
    kind: str
    erased: bool
    claims_digest: str | None
    claims: Mapping[str, Any] | None
    evidence: Mapping[str, Any] | None
    event_id: UUID


async def read_evidence(unit: WriteUnit, act: Act, mandate_id: UUID) -> EvidenceView:
    """The evidence, and an event that says who opened it and what for. Raises RefusedError."""
    row = await visible_mandate(unit, act.who, mandate_id)
    opened = (await unseal(unit, [row.sealed_id])).get(row.sealed_id)
    detail = {"kind": row.evidence_kind, "erased": opened is None}
    event = Event(act.event_id, act.now, OPENED, act.caller, mandate_id, "done", None, detail)
    await record_readings(unit, act, [event])
    sent = dict(opened["request"]) if opened else {}
    evidence, _ = sent.pop("evidence", None), sent.pop("reference", None)
    return EvidenceView(
        mandate_id=mandate_id,
        kind=row.evidence_kind,
        erased=opened is None,
        claims_digest=opened["claims_digest"] if opened else None,
        claims=sent or None,
        evidence=evidence,
        event_id=act.event_id,
    )
