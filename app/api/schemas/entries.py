"""Entries as customer service sends and sees them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.api.schemas.base import BATCH_ITEMS, Answer, Request, Text500, Time, limited
from app.api.schemas.identifiers import Identifier
from app.api.schemas.scopes import Channels, Evidence, ServiceId, mask_of, spoken_channels, spoken_purposes
from app.domain.channels import ALL_CHANNELS
from app.domain.entry import EntryKind
from app.domain.purposes import purpose_mask
from app.usecases.block_at_source import Block
from app.usecases.entry_view import EntryView
from app.usecases.record_entry import EntryCommand, RecordedEntry

_KINDS = {
    "dnc": EntryKind.DNC,
    "channel_optout": EntryKind.CHANNEL_OPTOUT,
    "service_unsub": EntryKind.SERVICE_UNSUB,
}
BlockPurpose = Literal[
    "direct_marketing",
    "marketing",
    "fundraising",
    "political",
    "research",
    "societal_public",
    "service",
    "legal_notice",
    "emergency",
    "rights_reply",
    "winback",
    "repermission",
]


class EntryRequest(Request):
    """A wish that a person told the controller: do not call, not in this channel, not this service."""

    kind: Literal["dnc", "channel_optout", "service_unsub"]
    identifier: Identifier
    channels: Channels | None = Field(None, description="Required for channel_optout; otherwise all.")
    service_id: ServiceId | None = Field(None, description="Required for service_unsub.")
    occurred_at: Time | None = None
    reference: Text500 | None = None

    def missing(self) -> str | None:
        """The field that this kind needs and that is not there."""
        if self.kind == "channel_optout" and self.channels is None:
            return "channels"
        if self.kind == "service_unsub" and self.service_id is None:
            return "service_id"
        return None

    def command(self) -> EntryCommand:
        """As the use case takes it."""
        return EntryCommand(
            kind=_KINDS[self.kind],
            identifier=self.identifier.given(),
            channels=ALL_CHANNELS if self.channels is None else mask_of(self.channels),
            service_id=self.service_id if self.kind == "service_unsub" else None,
            occurred_at=self.occurred_at,
            reference=self.reference,
        )


class EntrySearchRequest(Request):
    """Whom to look for. An identifier never stands in a URL."""

    identifier: Identifier


class ReleaseRequest(Request):
    """Why an entry ends, and what shows it."""

    reason: Text500
    evidence: Evidence | None = None


class SourceBlockRequest(Request):
    """A person's block at a source; without purposes the source's default."""

    identifier: Identifier
    purposes: Literal["all"] | Annotated[list[BlockPurpose], limited(12, 1)] | None = None
    occurred_at: Time | None = None

    def block(self) -> Block:
        """As the use case takes it."""
        named = None if self.purposes == "all" else self.purposes
        mask = None if self.purposes is None else purpose_mask(named)
        return Block(self.identifier.given(), mask, self.occurred_at)


class EntryIdentifierAnswer(Answer):
    """The identifier of an entry; `canonical` is null when it came as a hash or has been erased."""

    type: str
    canonical: str | None
    erased: bool
    warnings: list[str]


class EntryAnswer(Answer):
    """An entry: what it blocks, since when, and how it ended. `objection_id` is told of a general objection
    only, which the controller may weigh."""

    id: UUID
    objection_id: UUID | None
    kind: str
    state: str
    scope: Literal["controller", "all"]
    identifier: EntryIdentifierAnswer
    channels: Literal["all"] | list[str]
    purposes: Literal["all"] | list[str]
    service_id: str | None
    since: Time
    occurred_at: Time | None
    released_at: Time | None
    event_id: UUID
    as_of: str
    duplicate_of: UUID | None

    @staticmethod
    def of(view: EntryView, warnings: tuple[str, ...] = (), *, duplicate: bool = False) -> "EntryAnswer":
        """A view in the contract's words."""
        kind = "objection" if view.kind is EntryKind.OBJECTION_GENERAL else view.kind.name.lower()
        return EntryAnswer(
            id=view.id,
            objection_id=view.objection_id,
            kind=kind,
            state=view.state.value,
            scope="all" if view.everywhere else "controller",
            identifier=EntryIdentifierAnswer(
                type=view.identifier_type,
                canonical=view.canonical,
                erased=view.erased,
                warnings=list(warnings),
            ),
            channels=spoken_channels(view.channels),
            purposes=spoken_purposes(view.purposes),
            service_id=view.service_id,
            since=view.since,
            occurred_at=view.occurred_at,
            released_at=view.released_at,
            event_id=view.event_id,
            as_of=str(view.as_of),
            duplicate_of=view.id if duplicate else None,
        )

    @staticmethod
    def recorded(recorded: RecordedEntry) -> "EntryAnswer":
        """What was just put in force, or stood already."""
        return EntryAnswer.of(recorded.entry, recorded.warnings, duplicate=recorded.duplicate)


class EntriesAnswer(Answer):
    """Entries in the order in which they were made."""

    items: list[EntryAnswer]
    next_cursor: str | None


class EntryBatchRequest(Request):
    """Up to 10,000 entries, each judged by itself. `abort` makes it all or nothing."""

    items: Annotated[list[EntryRequest], Field(min_length=1, json_schema_extra={"maxItems": BATCH_ITEMS})]
    on_error: Literal["continue", "abort"] = "continue"


class EntryItemAnswer(Answer):
    """One item's outcome: the entry, or the problem document."""

    index: int
    status: int
    entry: EntryAnswer | None
    problem: dict[str, Any] | None


class EntryBatchAnswer(Answer):
    """Outcomes in input order."""

    results: list[EntryItemAnswer]
    counts: dict[str, int]


class SourceBlockBatchRequest(Request):
    """Up to 10,000 blocks at one source, each judged by itself. `abort` makes it all or nothing."""

    items: Annotated[
        list[SourceBlockRequest], Field(min_length=1, json_schema_extra={"maxItems": BATCH_ITEMS})
    ]
    on_error: Literal["continue", "abort"] = "continue"


class SourceBlockItemAnswer(Answer):
    """One item's outcome: the block, which is an entry of the source, or the problem document."""

    index: int
    status: int
    block: EntryAnswer | None
    problem: dict[str, Any] | None


class SourceBlockBatchAnswer(Answer):
    """Outcomes in input order."""

    results: list[SourceBlockItemAnswer]
    counts: dict[str, int]


class NormalizeRequest(Request):
    """Identifiers to be read; nothing is stored."""

    items: Annotated[list[Identifier], limited(1000, 1)]


class NormalizedAnswer(Answer):
    """One identifier in its canonical form, with the SHA-256 that may be sent in its place."""

    index: int
    accepted: bool
    type: str
    canonical: str | None
    warnings: list[str]
    sha256: str | None
    reason: str | None


class NormalizeAnswer(Answer):
    """Each in its order, and the version of the canonicaliser."""

    items: list[NormalizedAnswer]
    normaliser: str
