"""The question about a streamed list. It stands in the query, because the body is the list; a recipient never
does."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.api.schemas.base import POSITION_CHARACTERS, Text500, Time
from app.api.schemas.identifiers import IdentifierTypeCode, Region
from app.api.schemas.lookups import AddressSource, LookupRequest, Offer
from app.api.schemas.scopes import ServiceId
from app.domain.channels import CHANNELS
from app.usecases.wash_plan import ListLayout

CSV = "text/csv"
NDJSON = "application/x-ndjson"
LISTS = (NDJSON, CSV)
"""The media types of lists; the answer has that of the question."""
LIST_SCHEMAS: dict[str, Any] = {media: {"schema": {"type": "string"}} for media in LISTS}
"""How the document tells of a list."""

_Word = Annotated[str, StringConstraints(max_length=40)]


class ListQuestion(BaseModel):
    """The fields of a lookup, and how to read the list."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    controller_id: UUID | None = Field(None, description="May be left out by whoever has one controller.")
    channel: _Word | None = None
    purpose: _Word | None = None
    promo: bool = False
    service_id: ServiceId | None = None
    source_id: UUID | None = None
    source_kind: Literal["own", "bought", "rented", "partner"] | None = None
    legal_basis_ref: Text500 | None = None
    own_similar: bool = False
    dispatch_at: Time | None = None
    region: Region | None = None
    min_as_of: Annotated[str, StringConstraints(max_length=POSITION_CHARACTERS)] | None = None
    column: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        None, description="CSV: the title of the column to ask about, or its number (from 1)."
    )
    header: bool | None = Field(
        None, description="CSV: whether the first line is a header. By default not when `column` is a number."
    )
    type: IdentifierTypeCode | None = Field(
        None, description="CSV: the type of the column's identifiers. By default as the channel reads them."
    )
    receipt: Literal["digest", "tree"] = Field(
        "digest", description="`tree`: the receipt can be opened for single rows, with the `receipt_seed`."
    )

    def lookup(self, controller_id: UUID) -> LookupRequest:
        """The same question as a lookup, without its recipients."""
        named = self.source_id is not None or self.source_kind is not None
        return LookupRequest(
            controller_id=controller_id,
            channel=self.channel,
            purpose=self.purpose,
            promo=self.promo,
            service_id=self.service_id,
            source=AddressSource(id=self.source_id, kind=self.source_kind) if named else None,
            legal_basis_ref=self.legal_basis_ref,
            offer=Offer(own_similar=self.own_similar),
            dispatch_at=self.dispatch_at,
            region=self.region,
            min_as_of=self.min_as_of,
            identifiers=[],
        )

    def layout(self, media: str) -> ListLayout:
        """How a list of this media type is read and answered."""
        bare = CHANNELS[self.channel].bare if self.channel in CHANNELS else None
        wrapped = self.type is not None and self.type != bare
        return ListLayout(media == CSV, self.type or bare, self.column, self.header, wrapped)
