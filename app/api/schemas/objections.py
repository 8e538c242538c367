"""Objections as agents send and see them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, SkipValidation, StringConstraints

from app.api.schemas.base import BATCH_ITEMS, Answer, Request, Text500, Time, limited
from app.api.schemas.identifiers import Identifier
from app.api.schemas.scopes import Channels, Evidence, mask_of, spoken_channels, spoken_purposes
from app.domain.objection import Origin
from app.usecases.objection_drafts import ObjectionCommand
from app.usecases.objection_view import ObjectionView

Kind = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
ControllerName = Annotated[str, StringConstraints(pattern=r"^(org:[0-9A-Za-z-]{1,30}|[0-9A-Fa-f-]{36})$")]

MOST_CONTROLLERS = 100
MOST_IDENTIFIERS = 50


class ObjectionRequest(Request):
    """An objection (GDPR Art. 21): what to, at whom, for which identifiers. No reason is ever asked for."""

    mandate_id: UUID | None = None
    origin: Literal["agent", "self"] | None = None
    kinds: Annotated[list[Kind], limited(8, 1)] = Field(examples=[["art21_2"]])
    controllers: Literal["all"] | Annotated[list[ControllerName], limited(MOST_CONTROLLERS, 1)]
    identifiers: Annotated[list[Identifier], limited(MOST_IDENTIFIERS, 1)]
    channels: Channels = "all"
    purposes: Annotated[list[Literal["direct_marketing", "political", "research"]], limited(3, 1)] | None = (
        None
    )
    declared_at: Time | None = None
    instructed_at: Time | None = None
    reference: Text500 | None = None
    evidence: Evidence | None = None

    def reach(self) -> int:
        """How many entries this may become."""
        named = 1 if self.controllers == "all" else len(self.controllers)
        return named * len(self.identifiers)

    def command(self) -> ObjectionCommand:
        """As the use case takes it."""
        named = None if self.controllers == "all" else tuple(self.controllers)
        origin = Origin(self.origin) if self.origin else Origin.AGENT
        return ObjectionCommand(
            kinds=tuple(self.kinds),
            controllers=named,
            identifiers=tuple(one.given() for one in self.identifiers),
            channels=mask_of(self.channels),
            purposes=tuple(self.purposes) if self.purposes else None,
            mandate_id=self.mandate_id,
            origin=origin,
            declared_at=self.declared_at,
            instructed_at=self.instructed_at,
            reference=self.reference,
            evidence=self.evidence.said() if self.evidence else None,
        )


Item = SkipValidation[ObjectionRequest]
"""Only documented as that: items are read one by one, and a bad one is refused for itself."""


class BatchRequest(Request):
    """Up to 10,000 objections, each judged by itself. `abort` makes it all or nothing."""

    items: Annotated[list[Item], Field(min_length=1, json_schema_extra={"maxItems": BATCH_ITEMS})]
    on_error: Literal["continue", "abort"] = "continue"


class AddIdentifiersRequest(Request):
    """Further identifiers of the same person: the same will."""

    identifiers: Annotated[list[Identifier], limited(MOST_IDENTIFIERS, 1)]


class WithdrawRequest(Request):
    """Taking an objection back takes proof as strong as making it."""

    evidence: Evidence | None = None


class AssessRequest(Request):
    """How the controller weighed a general objection, and why (GDPR Art. 21(1))."""

    outcome: Literal["upheld", "rejected"]
    reasons: Text500


class VoidRequest(Request):
    """Why an admin holds the objection for forged or for somebody else's."""

    reason: Text500


class RefusedAnswer(Answer):
    """A part that was refused while the rest stands: which one, as it was sent, and the code."""

    part: Literal["kind", "purpose", "channel", "controller"]
    value: str
    code: str


class IdentifierAnswer(Answer):
    """What became of one identifier. `control`: whether the mandate shows that it is the grantor's."""

    index: int
    accepted: bool
    type: str
    canonical: str | None
    erased: bool
    warnings: list[str]
    control: Literal["shown", "unproven"] | None
    reason: str | None


class AddressedAnswer(Answer):
    """A controller (or `all`) and the entries made there; `as_of` can be demanded of a lookup."""

    controller_id: str
    entry_ids: list[UUID]
    as_of: str


class ObjectionAnswer(Answer):
    """The same whether or not a controller knows the person. After an erasure nothing is left of `refused`,
    of canonical forms and of the receipt."""

    id: UUID
    state: str
    origin: str
    mandate_id: UUID | None
    kinds: list[str]
    purposes: Literal["all"] | list[str]
    channels: Literal["all"] | list[str]
    refused: list[RefusedAnswer]
    declared_at: Time | None
    instructed_at: Time | None
    received_at: Time
    effective_at: Time
    identifiers: list[IdentifierAnswer]
    controllers: list[AddressedAnswer]
    event_id: UUID
    as_of: str | None
    duplicate_of: UUID | None
    receipt: str | None

    @staticmethod
    def of(view: ObjectionView) -> "ObjectionAnswer":
        """A view in the contract's words."""
        lists = [
            AddressedAnswer(
                controller_id=str(one.controller_id) if one.controller_id else "all",
                entry_ids=list(one.entry_ids),
                as_of=str(one.as_of),
            )
            for one in view.controllers
        ]
        return ObjectionAnswer(
            id=view.id,
            state=view.state.value,
            origin=view.origin.value,
            mandate_id=view.mandate_id,
            kinds=list(view.kinds),
            purposes=spoken_purposes(view.purposes),
            channels=spoken_channels(view.channels),
            refused=[
                RefusedAnswer.model_validate({"part": r.part, "value": r.value, "code": r.code.value})
                for r in view.refused
            ],
            declared_at=view.declared_at,
            instructed_at=view.instructed_at,
            received_at=view.received_at,
            effective_at=view.received_at,
            identifiers=[_identifier(one) for one in view.identifiers],
            controllers=lists,
            event_id=view.event_id,
            as_of=lists[0].as_of if len(lists) == 1 else None,
            duplicate_of=view.duplicate_of,
            receipt=view.receipt,
        )


def _identifier(one: Any) -> IdentifierAnswer:
    control: Literal["shown", "unproven"] = "shown" if one.proven else "unproven"
    return IdentifierAnswer(
        index=one.index,
        accepted=one.accepted,
        type=one.type,
        canonical=one.canonical,
        erased=one.erased,
        warnings=list(one.warnings),
        control=control if one.accepted else None,
        reason=one.reason,
    )


class BatchItemAnswer(Answer):
    """One item's outcome: the objection, or the problem document."""

    index: int
    status: int
    objection: ObjectionAnswer | None
    problem: dict[str, Any] | None


class BatchAnswer(Answer):
    """Outcomes in input order. One bad item never delays other people's right (a deviation from AIP-233)."""

    results: list[BatchItemAnswer]
    counts: dict[str, int]


class EventAnswer(Answer):
    """One thing that happened: its kind, outcome and codes; no identifier."""

    id: UUID
    at: Time
    kind: str
    actor_role: str | None
    outcome: str
    state: str | None

    @staticmethod
    def of(row: Any) -> "EventAnswer":
        """An event row in the contract's words."""
        return EventAnswer(
            id=row.id,
            at=row.at,
            kind=row.kind,
            actor_role=row.actor_role,
            outcome=row.outcome,
            state=row.detail.get("state"),
        )


class EventsAnswer(Answer):
    """Events, oldest first."""

    items: list[EventAnswer]
    next_cursor: str | None
