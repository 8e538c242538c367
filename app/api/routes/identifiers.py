"""Reading identifiers without storing anything: what would be matched."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter

from app.api.bodies import body_of
from app.api.callers import AnyCaller
from app.api.schemas.entries import NormalizeAnswer, NormalizedAnswer, NormalizeRequest
from app.api.schemas.identifiers import Identifier
from app.domain.identifier import NORMALISER_VERSION, Canonical, HashedIdentifier, UnreadableIdentifier
from app.domain.identifiers import HASHED_TYPES
from app.usecases.read_identifiers import Readable, read_identifier

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
    value = read if isinstance(read, Canonical) else None
    return NormalizedAnswer(
        index=index,
        accepted=True,
        type=item.type,
        canonical=value.value if value else None,
        warnings=list(value.warnings) if value else [],
        sha256=_sha256(read),
        reason=None,
    )


def _sha256(read: Readable) -> str | None:
    """What may be sent in its place, for the types that can be sent as a hash."""
    if isinstance(read, HashedIdentifier):
        return read.sha256
    return sha256(read.value.encode()).hexdigest() if read.type in HASHED_TYPES else None
