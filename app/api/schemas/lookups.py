"""Lookups as senders send and see them. No agent, mandate, name or other controller is ever shown."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, SkipValidation, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.api.schemas.base import (
    LOOKUP_IDENTIFIERS,
    POSITION_CHARACTERS,
    Answer,
    Request,
    Text500,
    Time,
    limited,
)
from app.api.schemas.identifiers import Identifier, Region
from app.api.schemas.scopes import ServiceId
from app.domain.facts import Question, Source
from app.usecases.asked_identifiers import MOST_OF_ONE
from app.usecases.commit_rows import PAGE
from app.usecases.lookup_command import LookupCommand

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Recipient(Request):
    """One recipient with several identifiers; one hit blocks."""

    all: Annotated[list[Identifier], limited(MOST_OF_ONE, 1)]


Item = SkipValidation[str | Identifier | Recipient]
"""Only documented as that: items are read one by one, and an odd one is blocked for itself."""


class AddressSource(Request):
    """Where the list came from: a registered source, or the kind of one that is not."""

    id: UUID | None = None
    kind: Literal["own", "bought", "rented", "partner"] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.id is None and self.kind is None:
            raise PydanticCustomError("missing", "neither id nor kind")
        return self


class Offer(Request):
    """What is offered, and to whom, on the sender's word: own and similar goods (ePrivacy Art. 13(2)), what
    may be offered by a call to Denmark, and that the recipients are legal persons."""

    own_similar: bool = False
    product: Literal["books", "newspaper_subscription", "insurance", "rescue", "other"] | None = None
    legal_person: bool = False


class AskedOf(Request):
    """What a lookup asks of each recipient."""

    controller_id: UUID
    channel: Annotated[str, StringConstraints(max_length=40)] | None = Field(None, examples=["sms"])
    purpose: Annotated[str, StringConstraints(max_length=40)] | None = Field(None, examples=["marketing"])
    promo: bool = False
    service_id: ServiceId | None = None
    source: AddressSource | None = None
    legal_basis_ref: Text500 | None = None
    offer: Offer | None = None
    dispatch_at: Time | None = None
    region: Region | None = None

    def question(self) -> Question:
        """As the rules take it."""
        source, offer = self.source, self.offer or Offer()
        return Question(
            channel=self.channel,
            purpose=self.purpose,
            promo=self.promo,
            service_id=self.service_id,
            source=Source(source.id is not None, source.kind) if source else None,
            legal_basis_ref=self.legal_basis_ref if _visible(self.legal_basis_ref) else None,
            dispatch_at=self.dispatch_at,
            own_similar=offer.own_similar,
            product=offer.product,
            legal_person=offer.legal_person,
        )


class LookupRequest(AskedOf):
    """One lookup, up to 50,000 identifiers. Items are judged one by one: what cannot be read is answered
    block INPUT_INVALID, and the rest goes on."""

    view: Literal["full", "compact"] = "full"
    receipt: Literal["digest", "tree", "none"] = "digest"
    min_as_of: Annotated[str, StringConstraints(max_length=POSITION_CHARACTERS)] | None = None
    identifiers: Annotated[
        list[Item],
        Field(
            description="A text is read by the channel: a phone number, or an e-mail address.",
            json_schema_extra={"maxItems": LOOKUP_IDENTIFIERS},
        ),
    ]

    def command(self, min_as_of: Any) -> LookupCommand:
        """As the use case takes it; `min_as_of` has been read."""
        source_id = self.source.id if self.source else None
        return LookupCommand(
            self.controller_id, self.question(), self.identifiers, self.region, source_id, min_as_of
        )


def _visible(text: str | None) -> bool:
    """Whether a text says anything: a reference of blanks refers to nothing."""
    return any(character.isalnum() for character in text or "")


class CountsAnswer(Answer):
    """`asked` = `allow` + `block`; `invalid` of those blocked could not be read."""

    asked: int
    allow: int
    block: int
    invalid: int


class ResultAnswer(Answer):
    """The answer to one item: `reasons` has every rule that matched, in order. `retry_after` is
    there only where the hour forbids a call: when to ask again."""

    index: int
    decision: Literal["allow", "block"]
    code: str
    reasons: list[str]
    obligations: list[str]
    since: Time | None
    entry_id: UUID | None
    retry_after: Time | None = None


class BlockedAnswer(Answer):
    """A blocked item of a compact answer."""

    index: int
    code: str


class AskedRegisterAnswer(Answer):
    """A national register that was asked, and which of its lists. Here are those that the controller's policy
    names and that cover the question. One without a list is not here; R32 blocks for it."""

    code: str
    snapshot_id: UUID
    version_date: date


class LookupAnswer(Answer):
    """N questions, N answers in their order. `receipt` is the last member: the digest of the answer in it is
    that of these bytes with `,"receipt":"…"` taken out."""

    lookup_id: UUID
    decided_at: Time
    as_of: str | None
    valid_until: Time
    registers: list[AskedRegisterAnswer]
    counts: CountsAnswer
    results: list[ResultAnswer]
    receipt: str | None


class CompactLookupAnswer(Answer):
    """The compact view: what is not in `blocked` is allowed, with `allow_code`."""

    lookup_id: UUID
    decided_at: Time
    as_of: str | None
    valid_until: Time
    registers: list[AskedRegisterAnswer]
    counts: CountsAnswer
    allow_code: str | None
    blocked: list[BlockedAnswer]
    receipt: str | None


class TreeLookupAnswer(LookupAnswer):
    """The same with `"receipt": "tree"`. Whoever keeps `receipt_seed` can open single rows of the receipt."""

    receipt_seed: str


class CompactTreeLookupAnswer(CompactLookupAnswer):
    """The compact view with `"receipt": "tree"`."""

    receipt_seed: str


class OpenedRow(Request):
    """One row taken out of a receipt's tree, as `sparr receipt open` writes it: hashes are hexadecimal."""

    position: Annotated[int, Field(ge=0)]
    item: Any
    decision: Annotated[str, StringConstraints(max_length=40)]
    code: Annotated[str, StringConstraints(max_length=100)]
    salt: Annotated[str, StringConstraints(max_length=64)]
    page: Annotated[list[Hash], limited(PAGE, 1)]
    path: Annotated[list[Hash], limited(64)]


class VerifyRequest(Request):
    """A receipt, the moment at which it must have been valid, and an opened row of its tree."""

    receipt: Annotated[str, StringConstraints(min_length=1, max_length=16_384)]
    at: Time | None = None
    row: OpenedRow | None = None


class VerifyAnswer(Answer):
    """What the signature says. VALID, STALE (the answer had expired), BAD_SIGNATURE, UNKNOWN_KEY, or BAD_ROW:
    an opened row was sent along that is not in this receipt's tree."""

    valid: bool
    code: Literal["VALID", "STALE", "BAD_SIGNATURE", "UNKNOWN_KEY", "BAD_ROW"]
    claims: dict[str, Any] | None


class ReceiptAnswer(Answer):
    """The receipt of an earlier lookup."""

    lookup_id: UUID
    receipt: str
