"""Links by which a person leaves with one click (RFC 8058): made by the sender, honoured without a login.

A link holds who sent, to whom, and what is left, sealed. Nothing is stored until somebody clicks.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.crypto.unsubscribe_tokens import UnsubscribeTokens
from app.domain.identifier import Canonical, UnreadableIdentifier
from app.domain.parties import Caller, entitled
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.read_identifiers import GivenIdentifier, read_identifier
from app.usecases.record_wishes import Wish, record_wishes

ONE_CLICK = "unsubscribe.one_click"
LINKED_TYPES = ("email", "phone", "customer_ref")
"""What a sender writes to; a personal number has no business in a link, sealed or not."""


@dataclass(frozen=True, slots=True, repr=False)
class WantedLink:
    """What the sender wants a link for; `channels` is a mask."""

    identifier: GivenIdentifier
    channels: int
    service_id: str | None


@dataclass(frozen=True, slots=True, repr=False)
class OpenedLink:
    """What a click on a link asks for."""

    controller_no: int
    wish: Wish


def link_controller(caller: Caller, controller_id: UUID | None) -> int:
    """The list that clicks go to. Who acts for several controllers must say for which."""
    if controller_id is not None:
        return entitled(caller, controller_id)
    if len(caller.acts_for) != 1:
        raise RefusedError(Refusal.AUTH_CONTROLLER, "This caller acts for several controllers: name one.")
    return next(iter(caller.acts_for.values()))


def make_token(tokens: UnsubscribeTokens, number: int, wanted: WantedLink, now: datetime) -> str:
    """The token of one link. INVALID_IDENTIFIER for what cannot be read, or has no business in a link."""
    try:
        identifier = read_identifier(wanted.identifier, now.date())
    except UnreadableIdentifier:
        raise RefusedError(Refusal.INVALID_IDENTIFIER) from None
    if not isinstance(identifier, Canonical) or identifier.type not in LINKED_TYPES:
        raise RefusedError(
            Refusal.INVALID_IDENTIFIER, "A link is made for an address, a number or a reference."
        )
    content = [number, identifier.type, identifier.value, wanted.channels, wanted.service_id]
    return tokens.seal(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def make_tokens(
    tokens: UnsubscribeTokens, number: int, wanted: Sequence[WantedLink], now: datetime
) -> list[str | RefusedError]:
    """Many tokens; one that is refused does not hinder the others."""
    made: list[str | RefusedError] = []
    for each in wanted:
        try:
            made.append(make_token(tokens, number, each, now))
        except RefusedError as refused:
            made.append(refused)
    return made


def open_link(tokens: UnsubscribeTokens, token: str, now: datetime) -> OpenedLink:
    """What a token asks for. NOT_FOUND for whatever this registry did not make."""
    content = tokens.open(token)
    if content is None:
        raise RefusedError(Refusal.NOT_FOUND)
    number, kind, value, channels, service_id = json.loads(content)
    identifier = read_identifier(GivenIdentifier(kind, value), now.date())
    return OpenedLink(number, Wish(identifier, channels, service_id, now))


async def unsubscribe(unit: WriteUnit, act: Act, link: OpenedLink) -> None:
    """Put a click in force. Clicking again changes nothing unless a consent has come in between,
    and is journalled all the same."""
    outcome = await record_wishes(unit, act, link.controller_no, [link.wish])
    detail = {"new_entries": len(outcome.new), "version": outcome.version}
    event = Event(act.event_id, act.now, ONE_CLICK, None, outcome.entry_ids[0], "done", None, detail)
    await record_events(unit, [event])
