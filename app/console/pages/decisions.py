"""What would have been answered at one moment, knowing what was known at another. It is posted, so that no
identifier stands in an address or a log, and says what for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from app.console.doors import page, reading
from app.console.identifying import REGIONS, TYPES, given_identifier, item_of
from app.console.masking import masked
from app.console.visits import Visit
from app.domain.audited_decision import Said
from app.domain.channels import CHANNELS
from app.domain.facts import LEVELS, Question
from app.domain.identifier import UnreadableIdentifier
from app.domain.purposes import PURPOSES
from app.domain.refusals import Refusal, RefusedError
from app.usecases.audit_decision import AUDITED, DecisionQuery, audit_decision
from app.usecases.read_identifiers import GivenIdentifier, read_identifier
from app.usecases.read_position import read_position

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_KEPT: Final = ("controller", "type", "region", "channel", "about", "at", "known_at", "as_of")
"""What stands in the form again below an answer: all but whom it is about, and what it was for."""

_ABOUT: Final = [code for code in PURPOSES if code != "legal_notice"]
"""A notice that the law requires names the law, which the form has no field for."""

_REFUSED: Final = {Refusal.UNKNOWN_REFERENCE: "controller", Refusal.INVALID_TIME: "time"}


@dataclass(frozen=True, slots=True)
class _UnaskableError(Exception):
    """A field cannot be read: identifier, controller, time or position."""

    field: str


async def form(visit: Visit) -> Response:
    """The form; a page that leads here may name the controller."""
    given = {"controller": visit.asked("controller"), "at": f"{visit.now:%Y-%m-%d %H:%M:%S}"}
    return _page(visit, given)


async def ask(visit: Visit) -> Response:
    """One question, journalled with its purpose. What cannot be read is told by the form, and not echoed."""
    purpose = visit.text("purpose")
    try:
        given, query = _query(visit)
        found = await visit.act(AUDITED, lambda unit, act_: audit_decision(unit, act_, query), purpose)
    except _UnaskableError as unaskable:
        return _page(visit, visit.form, 422, failed=unaskable.field)
    except RefusedError as refused:
        if refused.code not in _REFUSED:
            raise
        return _page(visit, visit.form, 422, failed=_REFUSED[refused.code])
    concluded = found.conclusion
    return _page(
        visit,
        visit.form,
        found=found,
        query=query,
        purpose=purpose,
        asked=masked(given.type, _canonical(visit, given)),
        shown=None if concluded.said is Said.UNKNOWN else concluded.shown,
        levels=LEVELS,
    )


def _page(visit: Visit, given: Any, status: int = 200, **values: Any) -> Response:
    return visit.page(
        "decisions.html",
        status,
        **{"found": None, "failed": "", **values},
        given={name: given.get(name, "") for name in _KEPT},
        types=TYPES,
        regions=REGIONS,
        channels=list(CHANNELS),
        abouts=_ABOUT,
    )


def _query(visit: Visit) -> tuple[GivenIdentifier, DecisionQuery]:
    sent = visit.form
    try:
        given = given_identifier(sent)
    except UnreadableIdentifier:
        raise _UnaskableError("identifier") from None
    at = _moment(sent.get("at", ""))
    known_at = _moment(sent["known_at"]) if sent.get("known_at", "").strip() else min(at, visit.now)
    as_of = sent.get("as_of", "").strip()
    position = read_position(as_of) if as_of else None
    if as_of and position is None:
        raise _UnaskableError("position")
    try:
        controller_id = UUID(sent.get("controller", "").strip())
    except ValueError:
        raise _UnaskableError("controller") from None
    _canonical(visit, given)
    return given, DecisionQuery(
        controller_id=controller_id,
        question=Question(sent.get("channel"), sent.get("about")),
        identifier=item_of(given),
        at=at,
        known_at=known_at,
        region=given.region,
        as_of=position,
    )


def _canonical(visit: Visit, given: GivenIdentifier) -> str | None:
    try:
        return getattr(read_identifier(given, visit.now.date()), "value", None)
    except UnreadableIdentifier:
        raise _UnaskableError("identifier") from None


def _moment(text: str) -> datetime:
    """A time as people and as answers write it (ISO 8601); in UTC unless it says otherwise."""
    try:
        read = datetime.fromisoformat(text.strip())
        moment = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _UnaskableError("time") from None
    if not _EARLIEST <= moment < _LATEST:
        raise _UnaskableError("time")
    return moment


DOORS = (page("/decisions", form), reading("/decisions/answered", ask))
