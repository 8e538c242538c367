"""Mandates as they are sent and shown. A grantor's personal number is sent, and never shown."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.schemas.base import Answer, Request, Text500, Time, limited
from app.api.schemas.evidence import Evidence
from app.api.schemas.identifiers import Identifier, Region
from app.api.schemas.scopes import Channels, mask_of, spoken_channels
from app.domain.mandate import RevokedBy
from app.usecases.mandate_view import MandateView
from app.usecases.read_identifiers import GivenIdentifier
from app.usecases.read_mandates import MandateEvent
from app.usecases.register_mandate import MandateCommand

_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

RightCode = Literal[
    "object_dm",
    "object_dm_profiling",
    "withdraw_objection",
    "receive_status",
    "access",
    "erasure",
    "rectification",
    "portability",
    "end_membership",
    "close_membership",
]
"""Also the rights that no mandate can give: whoever asks for one is refused by a code of its own."""

ControllerName = Annotated[str, StringConstraints(pattern=rf"^({_UUID}|org:[0-9A-Za-z-]{{1,30}})$")]
"""The id of a controller, or `org:` and an organisation number."""


class Grantor(Request):
    """Who signed the mandate."""

    type: Literal["personal_number"]
    value: Annotated[str, StringConstraints(max_length=400)] = Field(examples=["199001012385"])
    country: Region
    name: Annotated[str, StringConstraints(max_length=200)] | None = None


class MandateTemplate(Request):
    """Which text was signed, as the agent names it."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]


class MandateClaims(Request):
    """What a mandate says, apart from the evidence for it."""

    grantor: Grantor
    rights: Annotated[list[RightCode], limited(8, 1)]
    controllers: Literal["all"] | Annotated[list[ControllerName], limited(1000, 1)]
    channels: Channels
    identifiers: Annotated[list[Identifier], limited(20)]
    valid_from: Time
    valid_to: Time
    signed_at: Time
    template: MandateTemplate | None = None
    keep_if_unknown: bool = True
    reference: Text500 | None = None


class PreviewRequest(MandateClaims):
    """A mandate that is yet to be signed, just as it will be sent, but for the evidence."""


class PreviewAnswer(Answer):
    """What the grantor is to be shown and to sign: `visible_text` is null unless a registered text and the
    grantor's name are given."""

    claims_digest: str
    visible_text: str | None
    hidden_data: str


class MandateRequest(MandateClaims):
    """A signed mandate. `claims_digest` is the SHA-256 of the canonical JSON (RFC 8785) of this request as
    it is sent, without `evidence` and `reference`."""

    evidence: Evidence

    def command(self, received: Mapping[str, Any]) -> MandateCommand:
        """As the use case takes it; `received` is the JSON that this was read from."""
        grantor = self.grantor
        return MandateCommand(
            received=received,
            grantor=GivenIdentifier(grantor.type, grantor.value, None, grantor.country),
            rights=tuple(self.rights),
            controllers=None if self.controllers == "all" else tuple(self.controllers),
            channels=mask_of(self.channels),
            identifiers=tuple(one.given() for one in self.identifiers),
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            signed_at=self.signed_at,
            template=self.template.model_dump() if self.template else None,
            keep_if_unknown=self.keep_if_unknown,
            evidence_kind=self.evidence.kind,
        )


class RevokeMandateRequest(Request):
    """Whose will it is, and why; an agent cannot speak for the registry."""

    reason: Text500
    by: Literal["grantor", "agent", "registry"]

    @property
    def revoked_by(self) -> RevokedBy:
        """As the domain knows it."""
        return RevokedBy(self.by)


class MandateCheckAnswer(Answer):
    """What one check found: passed, failed or indeterminate."""

    code: str
    outcome: str
    detail: str


class FindingAnswer(Answer):
    """What was found when a mandate was checked again."""

    at: Time
    level: str
    items: list[MandateCheckAnswer]
    event_id: UUID


class MandateChecksAnswer(Answer):
    """The checks of one mandate, in their order: first found, and `later` ones, oldest first."""

    items: list[MandateCheckAnswer]
    later: list[FindingAnswer]

    @staticmethod
    def of(view: MandateView, later: Iterable[Any]) -> "MandateChecksAnswer":
        """The answer about one mandate."""
        found = [
            FindingAnswer(
                at=one.at,
                level=f"L{one.level}",
                items=[MandateCheckAnswer(**check) for check in one.checks],
                event_id=one.event_id,
            )
            for one in later
        ]
        return MandateChecksAnswer(items=MandateAnswer.checks_of(view), later=found)


class ProvenIdentifierAnswer(Answer):
    """An identifier whose control the agent has shown; `canonical` is null for a personal number, for a
    hash, and for what has been erased."""

    index: int
    type: str
    accepted: Literal[True]
    canonical: str | None
    erased: bool
    warnings: list[str]


class GrantorAnswer(Answer):
    """What is shown of the grantor: never the number, never the name."""

    type: str
    country: str


class MandateTemplateAnswer(Answer):
    """Which text was signed."""

    id: str
    version: int
    language: str


class MandateAnswer(Answer):
    """A mandate as it stands now; `claims_digest` and `reference` are null once the person was erased."""

    id: UUID
    state: str
    level: str
    claims_digest: str | None
    checks: list[MandateCheckAnswer]
    agent_id: UUID
    rights: list[str]
    controllers: Literal["all"] | list[UUID]
    channels: Literal["all"] | list[str]
    valid_from: Time
    valid_to: Time
    signed_at: Time
    received_at: Time
    template: MandateTemplateAnswer | None
    keep_if_unknown: bool
    identifiers: list[ProvenIdentifierAnswer]
    grantor: GrantorAnswer
    reference: str | None
    event_id: UUID

    @staticmethod
    def of(view: MandateView) -> "MandateAnswer":
        """The answer about one mandate."""
        return MandateAnswer(
            id=view.id,
            state=view.state.value,
            level=f"L{view.level}",
            claims_digest=view.claims_digest,
            checks=MandateAnswer.checks_of(view),
            agent_id=view.agent_id,
            rights=list(view.rights),
            controllers="all" if view.controllers is None else list(view.controllers),
            channels=spoken_channels(view.channels),
            valid_from=view.valid_from,
            valid_to=view.valid_to,
            signed_at=view.signed_at,
            received_at=view.received_at,
            template=MandateTemplateAnswer(**view.template) if view.template else None,
            keep_if_unknown=view.keep_if_unknown,
            identifiers=[
                ProvenIdentifierAnswer(
                    index=index,
                    type=one.type,
                    accepted=True,
                    canonical=one.canonical,
                    erased=one.erased,
                    warnings=list(one.warnings),
                )
                for index, one in enumerate(view.identifiers)
            ],
            grantor=GrantorAnswer(type=view.grantor_type, country=view.grantor_country),
            reference=view.reference,
            event_id=view.event_id,
        )

    @staticmethod
    def checks_of(view: MandateView) -> list[MandateCheckAnswer]:
        """The checks alone."""
        return [
            MandateCheckAnswer(code=check.code, outcome=check.outcome.value, detail=check.detail)
            for check in view.checks
        ]


class MandatePage(Answer):
    """A page of mandates; `next_cursor` is null on the last one."""

    items: list[MandateAnswer]
    next_cursor: str | None


class MandateEventAnswer(Answer):
    """Something that happened to a mandate; `detail` depends on its kind."""

    id: UUID
    at: Time
    kind: str
    outcome: str
    actor_role: str | None
    detail: dict[str, Any]

    @staticmethod
    def of(event: MandateEvent) -> "MandateEventAnswer":
        """The answer about one event."""
        return MandateEventAnswer(
            id=event.id,
            at=event.at,
            kind=event.kind,
            outcome=event.outcome,
            actor_role=event.actor_role,
            detail=dict(event.detail),
        )


class MandateEventPage(Answer):
    """A page of events, oldest first; `next_cursor` is null on the last one."""

    items: list[MandateEventAnswer]
    next_cursor: str | None
