"""Client assertions that were used: each opens the door once (RFC 7523 section 3, item 7)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from app.storage.units import ReadUnit, WriteUnit

_FORGET = text("""
DELETE FROM ops.assertion_seen WHERE jti IN (
    SELECT s.jti FROM ops.assertion_seen s WHERE s.expires_at < :now LIMIT 1000 FOR UPDATE SKIP LOCKED)
""")
_REMEMBER = text("""
INSERT INTO ops.assertion_seen (jti, expires_at) VALUES (:jti, :expires_at) ON CONFLICT DO NOTHING
""")


async def use_assertion(
    unit: WriteUnit, credential_id: UUID, jti: str, expires_at: datetime, now: datetime
) -> bool:
    """Remember an assertion until it could not be accepted any more; False when it was used before. A jti
    is unique for its issuer only, so it is kept with the client's id."""
    await unit.run(_FORGET, {"now": now})
    return await unit.run(_REMEMBER, {"jti": f"{credential_id}/{jti}", "expires_at": expires_at}) > 0


_USED = text("SELECT 1 FROM ops.assertion_seen WHERE jti = :jti")


async def assertion_used(unit: ReadUnit, credential_id: UUID, jti: str) -> bool:
    """Whether this was used before, and is still remembered."""
    return await unit.row(_USED, {"jti": f"{credential_id}/{jti}"}) is not None
