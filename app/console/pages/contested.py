"""What somebody says is forged, and waits for a second, different admin (four eyes)."""

from uuid import UUID

from starlette.responses import Response

from app.console.doors import page
from app.console.visits import Visit
from app.usecases.browse_acts import contested_acts

ROWS = 50


async def queue(visit: Visit) -> Response:
    """Oldest first. Objections that are in doubt with their mandate are settled with it."""
    after = visit.asked_id("after") or UUID(int=0)
    async with visit.parts.database.read() as unit:
        mandates, objections = await contested_acts(unit, visit.begin(), after, ROWS + 1)
    more = [rows[ROWS - 1].id for rows in (mandates, objections) if len(rows) > ROWS]
    return visit.page(
        "contested.html",
        mandates=mandates[:ROWS],
        objections=objections[:ROWS],
        onward=min(more, default=None),
        now=visit.now,
    )


DOORS = (page("/contested", queue),)
