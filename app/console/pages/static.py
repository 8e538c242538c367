"""The style sheet and the one script, which only spares a reader the reloading of long lists."""

from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import Response

from app.console.doors import NOBODY, page
from app.console.visits import Visit
from app.domain.refusals import Refusal, RefusedError

_FOLDER: Final = Path(__file__).parents[1] / "static"
_TYPES: Final = {"console.css": "text/css", "htmx.min.js": "text/javascript", "icon.svg": "image/svg+xml"}


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


async def file(visit: Visit) -> Response:
    """One of the files by its name; there are no others."""
    name = visit.names["name"]
    if name not in _TYPES:
        raise RefusedError(Refusal.NOT_FOUND)
    return Response(_content(name), headers={"Cache-Control": "max-age=300"}, media_type=_TYPES[name])


DOORS = (page("/static/{name}", file, NOBODY),)
