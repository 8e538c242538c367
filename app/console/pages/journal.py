"""The journal: its newest checkpoint, the key to verify it with, and a quick check."""

from starlette.responses import Response

from app.console.doors import page, reading
from app.console.visits import Visit
from app.usecases.check_journal import LATEST, JournalCheck, check_journal, read_tip


async def tip(visit: Visit) -> Response:
    return await _shown(visit, None)


async def check(visit: Visit) -> Response:
    """The signature, the tree and the newest leaves, checked now."""
    async with visit.parts.database.read() as unit:
        found = await check_journal(unit, visit.parts.ring.journal_key)
    return await _shown(visit, found)


async def _shown(visit: Visit, found: JournalCheck | None) -> Response:
    async with visit.parts.database.read() as unit:
        newest, vkey = await read_tip(unit, visit.parts.ring.journal_key)
    return visit.page("journal.html", tip=newest, vkey=vkey, found=found, latest=LATEST)


DOORS = (page("/journal", tip), reading("/journal/check", check))
