"""What evidence of mandates is held against: who may order signatures, and which signatures are used."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.storage.tables import AGENT_RELYING_PARTY
from app.storage.units import ReadUnit, WriteUnit

_ORDERED_BY = text("""
SELECT subject FROM registry.agent_relying_party WHERE agent_id = :agent_id AND scheme = :scheme
""")
_USE = text("""
INSERT INTO registry.evidence_use (evidence, mandate_id, event_id) VALUES (:evidence, :mandate_id, :event_id)
ON CONFLICT DO NOTHING
""")
_USED_BY = text("SELECT mandate_id FROM registry.evidence_use WHERE evidence = :evidence")


async def relying_parties(unit: ReadUnit, agent_id: UUID, scheme: str) -> frozenset[str]:
    """The names under which an agent orders signatures of a scheme."""
    rows = await unit.rows(_ORDERED_BY, {"agent_id": agent_id, "scheme": scheme})
    return frozenset(row.subject for row in rows)


async def add_relying_party(unit: WriteUnit, row: dict[str, Any], at: datetime) -> None:
    """Let an agent order signatures under a name."""
    await unit.insert(AGENT_RELYING_PARTY, [{**row, "at": at}])


async def use_evidence(unit: WriteUnit, digest: bytes, mandate_id: UUID, event_id: UUID) -> bool:
    """Bind a signature to a mandate, for ever; False when another one has it. The digest is kept keyed."""
    evidence = unit.instruments.fingerprints.text("subject", f"evidence {digest.hex()}")
    if await unit.run(_USE, {"evidence": evidence, "mandate_id": mandate_id, "event_id": event_id}):
        return True
    used = await unit.row(_USED_BY, {"evidence": evidence})
    return used is not None and used.mandate_id == mandate_id
