"""Consents and relationships as customer service sends and sees them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.api.schemas.base import BATCH_ITEMS, Answer, Request, Text500, Time, limited
from app.api.schemas.entries import EntryIdentifierAnswer
from app.api.schemas.identifiers import Identifier
from app.api.schemas.scopes import ChannelCode, Evidence, mask_of, spoken_channels, spoken_purposes
from app.domain.fact_kind import FactKind
from app.domain.purposes import purpose_mask
from app.usecases.fact_view import FactView
from app.usecases.record_fact import FactCommand

ConsentPurpose = Literal["direct_marketing", "marketing", "fundraising", "political"]


class ConsentRequest(Request):
    """A consent that a person gave. It counts against an objection only if it is the person's own, names this
    controller, is dated after the objection, and can be shown."""

    identifier: Identifier
    channels: Annotated[list[ChannelCode], limited(12, 1)]
    purposes: Annotated[list[ConsentPurpose], limited(4, 1)]
    given_at: Time | None = Field(None, description="Without it the consent lifts nothing.")
    given_by: Literal["person", "third_party"]
    names_controller: bool
    after_winback: bool = Field(
        default=False, description="It came of a win-back or a renewed question for permission."
    )
    evidence: Evidence | None = None
    reference: Text500 | None = None

    def command(self) -> FactCommand:
        """As the use case takes it."""
        columns = {
            "channels": mask_of(self.channels),
            "purposes": purpose_mask(self.purposes),
            "given_at": self.given_at,
            "by_person": self.given_by == "person",
            "names_controller": self.names_controller,
            "evidenced": self.evidence is not None,
            "barred": self.after_winback,
        }
        evidence = self.evidence.said() if self.evidence else None
        said = {"evidence": evidence, "reference": self.reference}
        told = {name: value for name, value in said.items() if value is not None}
        return FactCommand(FactKind.CONSENT, self.identifier.given(), columns, self.given_at, told)


class RelationshipRequest(Request):
    """A person is a customer or a member of the controller. The last three are what the soft opt-in asks for
    (ePrivacy Art. 13(2))."""

    identifier: Identifier
    kind: Literal["customer", "member"]
    since: Time
    collected_in_sale: bool = False
    informed: bool = False
    could_refuse: bool = False
    reference: Text500 | None = None

    def command(self) -> FactCommand:
        """As the use case takes it."""
        columns = {
            "kind": self.kind,
            "since": self.since,
            "collected_in_sale": self.collected_in_sale,
            "informed": self.informed,
            "could_refuse": self.could_refuse,
        }
        said = {"reference": self.reference} if self.reference else {}
        return FactCommand(FactKind.RELATIONSHIP, self.identifier.given(), columns, self.since, said)


class ConsentWithdrawalRequest(Request):
    """To withdraw is as easy as to give (GDPR Art. 7(3)): nothing has to be said."""

    reference: Text500 | None = None


class RelationshipEndRequest(Request):
    """The end of a relationship; without a time it ends now."""

    ended_at: Time | None = None
    reference: Text500 | None = None


class ConsentAnswer(Answer):
    """A consent. `conflicts` has CONSENT_OBJECTION_CONFLICT while an objection stands in its scope: the
    newest act of the person decides there, and the objection comes back when the consent ends."""

    id: UUID
    identifier: EntryIdentifierAnswer
    channels: Literal["all"] | list[str]
    purposes: Literal["all"] | list[str]
    given_at: Time | None
    given_by: Literal["person", "third_party"]
    names_controller: bool
    evidenced: bool
    after_winback: bool
    recorded_at: Time
    withdrawn_at: Time | None
    conflicts: list[str]
    event_id: UUID
    as_of: str
    duplicate_of: UUID | None

    @staticmethod
    def of(view: FactView) -> "ConsentAnswer":
        """A view in the contract's words."""
        columns = view.columns
        return ConsentAnswer(
            id=view.id,
            identifier=_identifier(view),
            channels=spoken_channels(columns["channels"]),
            purposes=spoken_purposes(columns["purposes"]),
            given_at=columns["given_at"],
            given_by="person" if columns["by_person"] else "third_party",
            names_controller=columns["names_controller"],
            evidenced=columns["evidenced"],
            after_winback=columns["barred"],
            recorded_at=view.recorded_at,
            withdrawn_at=view.ended_at,
            conflicts=list(view.conflicts),
            event_id=view.event_id,
            as_of=str(view.as_of),
            duplicate_of=view.id if view.duplicate else None,
        )


class RelationshipAnswer(Answer):
    """A relationship, and when it ended."""

    id: UUID
    identifier: EntryIdentifierAnswer
    kind: str
    since: Time
    collected_in_sale: bool
    informed: bool
    could_refuse: bool
    recorded_at: Time
    ended_at: Time | None
    event_id: UUID
    as_of: str
    duplicate_of: UUID | None

    @staticmethod
    def of(view: FactView) -> "RelationshipAnswer":
        """A view in the contract's words."""
        columns = view.columns
        return RelationshipAnswer(
            id=view.id,
            identifier=_identifier(view),
            kind=columns["kind"],
            since=columns["since"],
            collected_in_sale=columns["collected_in_sale"],
            informed=columns["informed"],
            could_refuse=columns["could_refuse"],
            recorded_at=view.recorded_at,
            ended_at=view.ended_at,
            event_id=view.event_id,
            as_of=str(view.as_of),
            duplicate_of=view.id if view.duplicate else None,
        )


def _identifier(view: FactView) -> EntryIdentifierAnswer:
    return EntryIdentifierAnswer(
        type=view.identifier_type, canonical=view.canonical, erased=view.erased, warnings=[]
    )


class ConsentsAnswer(Answer):
    """Consents in the order in which they were recorded."""

    items: list[ConsentAnswer]
    next_cursor: str | None


class ConsentItemAnswer(Answer):
    """One item's outcome: the consent, or the problem document."""

    index: int
    status: int
    consent: ConsentAnswer | None
    problem: dict[str, Any] | None


class ConsentBatchAnswer(Answer):
    """Outcomes in input order."""

    results: list[ConsentItemAnswer]
    counts: dict[str, int]


class RelationshipsAnswer(Answer):
    """Relationships in the order in which they were recorded."""

    items: list[RelationshipAnswer]
    next_cursor: str | None


class RelationshipItemAnswer(Answer):
    """One item's outcome: the relationship, or the problem document."""

    index: int
    status: int
    relationship: RelationshipAnswer | None
    problem: dict[str, Any] | None


class RelationshipBatchAnswer(Answer):
    """Outcomes in input order."""

    results: list[RelationshipItemAnswer]
    counts: dict[str, int]


class ConsentBatchRequest(Request):
    """Up to 10,000 consents, each judged by itself. `abort` makes it all or nothing."""

    items: Annotated[list[ConsentRequest], Field(min_length=1, json_schema_extra={"maxItems": BATCH_ITEMS})]
    on_error: Literal["continue", "abort"] = "continue"


class RelationshipBatchRequest(Request):
    """Up to 10,000 relationships, each judged by itself. `abort` makes it all or nothing."""

    items: Annotated[
        list[RelationshipRequest], Field(min_length=1, json_schema_extra={"maxItems": BATCH_ITEMS})
    ]
    on_error: Literal["continue", "abort"] = "continue"
