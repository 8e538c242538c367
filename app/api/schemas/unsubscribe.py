"""Unsubscribe links, as a sender asks for them and puts them into messages."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.schemas.base import BATCH_ITEMS, Answer, Request, limited
from app.api.schemas.identifiers import Identifier
from app.api.schemas.scopes import Channels, ServiceId, mask_of
from app.usecases.unsubscribe_links import WantedLink


class _Link(Request):
    identifier: Identifier
    channels: Channels
    service_id: ServiceId | None = Field(None, description="Only this service is left, not the channel.")

    def wanted(self) -> WantedLink:
        """As the use case takes it."""
        return WantedLink(self.identifier.given(), mask_of(self.channels), self.service_id)


class UnsubscribeLinkItem(_Link):
    """One recipient of a batch."""


class UnsubscribeLinkRequest(_Link):
    """For whom a link is made, and what a click on it leaves. Who acts for several controllers names one."""

    controller_id: UUID | None = None


class UnsubscribeLinkBatchRequest(Request):
    """Links for many recipients of one controller."""

    controller_id: UUID | None = None
    items: Annotated[list[UnsubscribeLinkItem], limited(BATCH_ITEMS, 1)]


class UnsubscribeLinkAnswer(Answer):
    """The link, and the two headers of RFC 8058 with it; both must be covered by the message's DKIM
    signature."""

    url: str
    headers: dict[str, str]

    @staticmethod
    def of(issuer: str, token: str) -> "UnsubscribeLinkAnswer":
        """The answer for a token."""
        url = f"{issuer}/u/{token}"
        return UnsubscribeLinkAnswer(
            url=url,
            headers={"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )


class UnsubscribeLinkResult(Answer):
    """The outcome of one item: its link, or the problem that it is."""

    index: int
    link: UnsubscribeLinkAnswer | None
    problem: dict[str, Any] | None


class UnsubscribeLinksAnswer(Answer):
    """The outcomes in the order of the items."""

    results: list[UnsubscribeLinkResult]
