"""National registers, and how old the list of each is."""

from starlette.responses import Response

from app.console.doors import page
from app.console.visits import Visit
from app.usecases.list_registers import list_registers


async def listing(visit: Visit) -> Response:
    async with visit.parts.database.read() as unit:
        found = await list_registers(unit, visit.now.date())
    return visit.page("registers.html", registers=found)


DOORS = (page("/registers", listing),)
