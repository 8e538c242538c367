"""Audit data taken away as a file, from the page that shows it: for a stated purpose, and journalled with it.

Page after page of rows, so that memory does not grow with the file. One that is cut off has no proper end.
"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from starlette.responses import Response, StreamingResponse

from app.console.doors import reading
from app.console.rendering import HEADERS
from app.console.visits import Visit
from app.domain.refusals import Refusal, RefusedError
from app.usecases.export_audit import ExportCommand, export_audit

EXPORTS: Final = {
    "mandates": ("mandates",),
    "objections": ("objections",),
    "deadlines": ("deadlines",),
    "journal": ("events", "reads"),
}
"""What may be taken from which page; the words are those of the API."""

_YEARS: Final = range(2000, 2100)
_MEDIA: Final = {"csv": "text/csv", "jsonl": "application/x-ndjson"}


async def take(visit: Visit) -> Response:
    """The rows of whole days, the last one included. What goes wrong before the first row is a page."""
    place = visit.request.url.path.split("/")[-2]
    name, form = visit.form.get("export", ""), visit.form.get("format", "")
    if name not in EXPORTS[place] or form not in _MEDIA:
        raise RefusedError(Refusal.UNKNOWN_REFERENCE)
    act = visit.begin(visit.text("purpose"))
    begin, end = _day(visit, "begin"), _day(visit, "end") + timedelta(days=1)
    command = ExportCommand(name, form, begin, min(end, visit.now))
    pieces = await export_audit(visit.parts.database, act, command)
    first = await anext(pieces, b"")
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="sparr-{name}.{form}"'}
    return StreamingResponse(_whole(first, pieces), headers=headers, media_type=_MEDIA[form])


async def _whole(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _day(visit: Visit, name: str) -> datetime:
    """The beginning of a day, as a browser sends it (ISO 8601)."""
    try:
        day = date.fromisoformat(visit.text(name))
    except ValueError:
        raise RefusedError(Refusal.INVALID_TIME) from None
    if day.year not in _YEARS:
        raise RefusedError(Refusal.INVALID_TIME)
    return datetime.combine(day, time(), UTC)


DOORS = tuple(reading(f"/{place}/export", take) for place in EXPORTS)
