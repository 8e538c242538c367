"""What waits for an answer, with the last day for it (GDPR Art. 12(3))."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from starlette.responses import Response

from app.console.doors import page
from app.console.visits import Visit
from app.domain.deadlines import Open, OpenPlace
from app.domain.refusals import Refusal, RefusedError
from app.usecases.read_open_things import FIRST, SOON, due_within, names_in, read_open_things

ROWS = 50
OVERDUE: Final = -1
_CHOICES: Final = {"7": SOON, "over": OVERDUE}
_PAGES: Final = {
    Open.OBJECTION_UNVERIFIED: "objections",
    Open.OBJECTION_CONTESTED: "objections",
    Open.OBJECTION_UNASSESSED: "objections",
    Open.MANDATE_CONTESTED: "mandates",
    Open.MANDATE_UNREVIEWED: "mandates",
}
"""Where each thing is shown; an erasure has no page."""


async def listing(visit: Visit) -> Response:
    """The oldest first; `due` leaves only what is overdue, or due in a week."""
    due = visit.asked("due")
    last = due_within(visit.now, _CHOICES[due]) if due in _CHOICES else None
    after = _place(visit.asked("after"))
    async with visit.parts.database.read() as unit:
        found = await read_open_things(unit, visit.now, after, ROWS + 1, last)
        rows = found[:ROWS]
        names = await names_in(unit, rows)
    return visit.page(
        "deadlines.html",
        rows=rows,
        names=names,
        pages=_PAGES,
        due=due,
        soon=SOON,
        onward=_told(rows[-1].place) if len(found) > ROWS else None,
    )


def _told(place: OpenPlace) -> str:
    """A place in the list, as it stands in an address: a time, a code and ids."""
    return "~".join([place.at.isoformat(), place.kind, str(place.id), str(place.controller_id)])


def _place(text: str) -> OpenPlace:
    """The place that an address tells. NOT_FOUND for what is none: somebody has altered the address."""
    if not text:
        return FIRST
    try:
        at, kind, id_, controller_id = text.split("~")
        place = OpenPlace(datetime.fromisoformat(at), Open(kind), UUID(id_), UUID(controller_id))
    except ValueError:
        raise RefusedError(Refusal.NOT_FOUND) from None
    if place.at.utcoffset() != timedelta(0):
        raise RefusedError(Refusal.NOT_FOUND)
    return place


DOORS = (page("/deadlines", listing),)
