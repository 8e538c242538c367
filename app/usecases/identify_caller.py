"""Who stands behind a credential: read anew for each request, so that a revocation holds at once."""

from collections.abc import Collection
from uuid import UUID

from app.domain.parties import Caller
from app.storage.parties import load_callers
from app.storage.units import ReadUnit


async def identify_callers(unit: ReadUnit, credential_ids: Collection[UUID]) -> dict[UUID, Caller]:
    """The callers as of now; a credential that is unknown or revoked is missing (OWASP API2)."""
    return await load_callers(unit, credential_ids)


async def identify_caller(unit: ReadUnit, credential_id: UUID) -> Caller | None:
    """One of them, or None."""
    return (await load_callers(unit, [credential_id])).get(credential_id)
