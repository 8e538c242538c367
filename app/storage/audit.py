"""What happened to several things together, as an auditor follows it."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from app.storage.units import ReadUnit, Rows

_OF_ALL = text("""
SELECT id, at, kind, outcome, actor_id, actor_role, credential_id, object_id, detail FROM registry.event
WHERE object_id = ANY(:ids) AND id > :after AND id < :before ORDER BY id LIMIT :limit
""")


async def events_of_all(unit: ReadUnit, ids: Collection[UUID], after: UUID, before: UUID, limit: int) -> Rows:
    """The events of these mandates, objections and entries, oldest first, between two event ids."""
    return await unit.rows(_OF_ALL, {"ids": list(ids), "after": after, "before": before, "limit": limit})
