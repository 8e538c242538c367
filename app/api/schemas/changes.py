"""The change feed as it is asked for and answered."""

from typing import Literal
from uuid import UUID

from app.api.schemas.base import Answer, Time
from app.api.schemas.scopes import spoken_channels, spoken_purposes
from app.domain.change import INSTRUCTION, NOT_IMPLIED, PUT_IN_FORCE, Change
from app.domain.entry import EntryKind
from app.usecases.read_changes import ChangesPage, ChangeView


class ChangedIdentifier(Answer):
    """The identifier of an entry of the controller's own; `canonical` is null when it came as a hash or has
    been erased."""

    type: str
    canonical: str | None


class ChangeItem(Answer):
    """What happened to one entry. `at` is when, `as_of` the position right after it. `identifier` is told of
    what the person told the controller itself (do-not-call, opt-outs), and null for an objection.
    `instruction` and `not_implied` stand beside what was put in force: what it asks for, and what it does
    not. Of a masked or unmasked entry, `channels` and `purposes` are those in which that is so."""

    id: UUID
    change: Change
    at: Time
    as_of: str
    entry_id: UUID
    objection_id: UUID | None
    kind: str
    everywhere: bool
    channels: Literal["all"] | list[str]
    purposes: Literal["all"] | list[str]
    service_id: str | None
    identifier: ChangedIdentifier | None
    instruction: Literal["stop_direct_marketing"] | None
    not_implied: list[Literal["erasure", "end_of_membership", "disclosure"]]

    @staticmethod
    def of(view: ChangeView) -> "ChangeItem":
        """A view in the contract's words."""
        entry, asks = view.entry, view.change in PUT_IN_FORCE
        general = entry.kind is EntryKind.OBJECTION_GENERAL
        told = ChangedIdentifier(type=entry.identifier_type, canonical=entry.canonical) if view.own else None
        return ChangeItem(
            id=view.id,
            change=view.change,
            at=view.at,
            as_of=view.as_of,
            entry_id=entry.id,
            objection_id=entry.objection_id,
            kind="objection" if general else entry.kind.name.lower(),
            everywhere=entry.everywhere,
            channels=spoken_channels(view.channels),
            purposes=spoken_purposes(view.purposes),
            service_id=entry.service_id,
            identifier=told,
            instruction=INSTRUCTION if asks else None,
            not_implied=list(NOT_IMPLIED) if asks else [],
        )


class ChangesAnswer(Answer):
    """Changes in their order. `as_of` is the position after them: the next `after`. `next_cursor` is the same
    while there are more already, and null at the end."""

    items: list[ChangeItem]
    next_cursor: str | None
    as_of: str

    @staticmethod
    def of(page: ChangesPage) -> "ChangesAnswer":
        """A page in the contract's words."""
        return ChangesAnswer(
            items=[ChangeItem.of(view) for view in page.items],
            next_cursor=page.token if page.more else None,
            as_of=page.token,
        )
