"""Who stands behind a credential: read anew for each request, so that a revocation holds at once."""

from uuid import UUID

from app.domain.parties import Caller
from app.storage.parties import load_caller
from app.storage.units import ReadUnit


async def identify_caller(unit: ReadUnit, credential_id: UUID) -> Caller | None:
    """The caller as of now, or None when the credential is unknown or revoked (OWASP API2)."""
    return await load_caller(unit, credential_id)
