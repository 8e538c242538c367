"""The registry describes itself: `/.well-known/objection-registry` (RFC 8615)."""

from fastapi import APIRouter, Request

from app.api.cursors import MOST_ITEMS
from app.api.routes.lookup_streams import AT_ONCE
from app.api.schemas import base
from app.api.schemas.discovery import (
    ChannelAnswer,
    LimitsAnswer,
    LinksAnswer,
    PurposeAnswer,
    RegistryAnswer,
)
from app.api.strict_json import DEEPEST
from app.api.validation import MOST_ERRORS
from app.domain.channels import CHANNELS
from app.domain.identifier import NORMALISER_VERSION
from app.domain.identifiers import HASHED_TYPES, IDENTIFIER_TYPES
from app.domain.mandate import EVIDENCE_KINDS, LONGEST
from app.domain.parties import Role
from app.domain.purposes import BLOCK_PURPOSES, OBJECTION_PURPOSES, PURPOSES
from app.domain.recipient_rows import LONGEST_ROW
from app.domain.rights import EXCLUDED_RIGHTS, OBJECTION_KINDS, RIGHTS
from app.usecases.receive_wash import LARGEST_FILE

router = APIRouter(tags=["discovery"])

_LIMITS = LimitsAnswer(
    body_bytes=base.BODY_BYTES,
    large_body_bytes=base.LARGE_BODY_BYTES,
    lookup_identifiers=base.LOOKUP_IDENTIFIERS,
    batch_items=base.BATCH_ITEMS,
    list_items=MOST_ITEMS,
    text_characters=base.TEXT_CHARACTERS,
    json_depth=DEEPEST,
    validation_errors=MOST_ERRORS,
    mandate_days=LONGEST.days,
    streams_at_once=AT_ONCE,
    stream_row_bytes=LONGEST_ROW,
    wash_bytes=LARGEST_FILE,
)

_LINKS = LinksAnswer(
    jwks="/.well-known/jwks.json",
    authorization_server="/.well-known/oauth-authorization-server",
    access_tokens="/oauth/token",
    openapi="/openapi.json",
    problems="/problems.json",
    docs="/docs",
    journal_key="/.well-known/journal-key",
    journal_checkpoint="/v1/journal/checkpoint",
)


@router.get("/.well-known/objection-registry")
async def describe_registry(request: Request) -> RegistryAnswer:
    """Channels, purposes, identifier types, rights, evidence kinds, roles and limits, as they are now."""
    return RegistryAnswer(
        name="Sparr",
        version=request.app.version,
        channels=[
            ChannelAnswer(code=one.code, kind=one.kind.value, bare_identifier=one.bare)
            for one in CHANNELS.values()
        ],
        purposes=[
            PurposeAnswer(code=one.code, direct_marketing=one.direct_marketing) for one in PURPOSES.values()
        ],
        objection_kinds=list(OBJECTION_KINDS),
        objection_purposes=list(OBJECTION_PURPOSES),
        block_purposes=list(BLOCK_PURPOSES),
        identifier_types=sorted(IDENTIFIER_TYPES),
        hashed_identifier_types=sorted(HASHED_TYPES),
        normaliser_version=NORMALISER_VERSION,
        rights=list(RIGHTS),
        excluded_rights=list(EXCLUDED_RIGHTS),
        evidence_kinds=list(EVIDENCE_KINDS),
        roles=[role.value for role in Role],
        limits=_LIMITS,
        links=_LINKS,
    )
