"""Reading identifiers without storing anything: what would be matched."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter

from app.api.bodies import body_of
from app.api.callers import AnyCaller
from app.api.schemas.entries import NormalizeAnswer, NormalizedAnswer, NormalizeRequest
from app.api.schemas.identifiers import Identifier
from app.domain.identifier import NORMALISER_VERSION, Canonical, UnreadableIdentifier
from app.domain.identifiers import HASHED_TYPES
from app.usecases.read_identifiers import read_identifier

router = APIRouter(prefix="/v1/identifiers", tags=["identifiers"])


@router.post("/normalize")
async def post_normalization(
    _caller: AnyCaller, body: Annotated[NormalizeRequest, body_of(NormalizeRequest)]
) -> NormalizeAnswer:
    """The canonical form of each identifier, as writes and lookups read it. Nothing is stored."""
    items = [_normalized(index, item) for index, item in enumerate(body.items)]
    return NormalizeAnswer(items=items, normaliser=NORMALISER_VERSION)


def _normalized(index: int, item: Identifier) -> NormalizedAnswer:
    try:
        read = read_identifier(item.given(), datetime.now(UTC).date())
    except UnreadableIdentifier as unreadable:
        return NormalizedAnswer(
            index=index,
            accepted=False,
            type=item.type,
            canonical=None,
            warnings=[],
            sha256=None,
            reason=unreadable.reason,
        )
    canonical = read.value if isinstance(read, Canonical) else None
    digest = (
        sha256(canonical.encode()).hexdigest() if canonical and item.type in HASHED_TYPES else item.sha256
    )
    return NormalizedAnswer(
        index=index,
        accepted=True,
        type=item.type,
        canonical=canonical,
        warnings=list(read.warnings) if isinstance(read, Canonical) else [],
        sha256=digest,
        reason=None,
    )
