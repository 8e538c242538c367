"""What auditors take away, page by page along the ids of the rows: no page is longer than another.

No identifier and no free text of the vault is among the columns; internal numbers of lists are left out.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text

from app.domain.ids import uuid7
from app.storage.units import ReadUnit

PAGE: Final = 1000

_EVENTS: Final = text("""
SELECT e.id, e.at, e.kind, e.outcome, e.actor_id, e.actor_role, e.credential_id, e.object_id,
       e.detail - 'versions' AS detail
FROM registry.event e WHERE e.id > :after AND e.id < :last ORDER BY e.id LIMIT :limit
""")
_READS: Final = text("""
SELECT e.id, e.at, e.kind, e.actor_id, e.actor_role, e.credential_id, e.object_id
FROM registry.event e
WHERE e.id > :after AND e.id < :last
  AND e.kind IN ('mandate.read', 'mandate.evidence_read', 'mandate.proven', 'objection.audited',
                 'decision.audited', 'audit.exported', 'identifier.searched', 'entry.read')
ORDER BY e.id LIMIT :limit
""")
_MANDATES: Final = text("""
SELECT m.id, m.received_at, m.agent_id, p.name AS agent_name, m.state, 'L' || m.level AS level,
       m.evidence_kind, m.rights, m.signed_at, m.valid_from, m.valid_to, m.template ->> 'id' AS template,
       m.template ->> 'version' AS template_version, m.template ->> 'language' AS language,
       (SELECT s.at FROM registry.mandate_state s
        WHERE s.mandate_id = m.id AND s.ordinal = m.ordinal) AS state_at
FROM registry.mandate_now m JOIN registry.party p ON p.id = m.agent_id
WHERE m.id > :after AND m.id < :last ORDER BY m.id LIMIT :limit
""")
_OBJECTIONS: Final = text("""
SELECT o.id, o.received_at, o.origin, o.party_id, p.name AS party_name, o.mandate_id, o.state, o.kinds,
       'L' || nullif(o.level, 9) AS level,
       (SELECT min(s.at) FROM registry.objection_state s WHERE s.objection_id = o.id AND s.state = 'active')
           AS effective_at,
       (SELECT s.at FROM registry.objection_state s WHERE s.objection_id = o.id AND s.ordinal = o.ordinal)
           AS state_at,
       ARRAY(SELECT h.party_id FROM registry.objection_controller c
             JOIN registry.holder h ON h.controller_no = c.controller_no
             WHERE c.objection_id = o.id AND c.controller_no <> 0 ORDER BY c.controller_no) AS controllers,
       EXISTS (SELECT FROM registry.objection_controller c
               WHERE c.objection_id = o.id AND c.controller_no = 0) AS everywhere
FROM registry.objection_now o JOIN registry.party p ON p.id = o.party_id
WHERE o.id > :after AND o.id < :last ORDER BY o.id LIMIT :limit
""")

EXPORTS: Final[Mapping[str, tuple[TextClause, tuple[str, ...]]]] = MappingProxyType(
    {
        "events": (
            _EVENTS,
            ("id", "at", "kind", "outcome", "actor_id", "actor_role", "credential_id", "object_id", "detail"),
        ),
        "reads": (_READS, ("id", "at", "kind", "actor_id", "actor_role", "credential_id", "object_id")),
        "mandates": (
            _MANDATES,
            (
                "id",
                "received_at",
                "agent_id",
                "agent_name",
                "state",
                "state_at",
                "level",
                "evidence_kind",
                "rights",
                "signed_at",
                "valid_from",
                "valid_to",
                "template",
                "template_version",
                "language",
            ),
        ),
        "objections": (
            _OBJECTIONS,
            (
                "id",
                "received_at",
                "origin",
                "party_id",
                "party_name",
                "mandate_id",
                "state",
                "state_at",
                "effective_at",
                "kinds",
                "level",
                "controllers",
                "everywhere",
            ),
        ),
    }
)
"""What can be taken away, and its columns in their order."""


async def exported_page(
    unit: ReadUnit, name: str, after: UUID, end: datetime, limit: int = PAGE
) -> list[dict[str, Any]]:
    """The next rows of an export, of acts that began before its end."""
    sql, columns = EXPORTS[name]
    rows = await unit.rows(sql, {"after": after, "last": uuid7(end, bytes(10)), "limit": limit})
    return [{column: getattr(row, column) for column in columns} for row in rows]


def before_everything_since(begin: datetime) -> UUID:
    """Where the rows of a time begin."""
    return UUID(int=uuid7(begin, bytes(10)).int - 1)
