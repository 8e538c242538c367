"""The table of doors: method, path, who may come in, and the page behind it. A test walks through all.

There is none for DELETE. Whatever is posted has the token of its session (OWASP CSRF, synchronizer token).
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from app.console.visits import Visit
from app.domain.parties import OVERSIGHT, Role

Handler = Callable[[Visit], Awaitable[Response]]

ADMINS: Final = frozenset({Role.ADMIN})
NOBODY: Final = frozenset[Role]()
"""No role is asked for: what a visitor sees who has not signed in."""

_PART: Final = re.compile(r"\{(\w+)\}")
_ID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WORD: Final = "[a-z0-9_.-]{1,40}"


@dataclass(frozen=True, slots=True)
class Door:
    """One page or act. `changes` when the register says something else afterwards than that it was read."""

    method: str
    path: str
    handler: Handler
    roles: frozenset[Role] = OVERSIGHT
    changes: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """The path with its parts: `{…_id}` is an id, any other a word."""
        found = _PART.sub(lambda m: f"(?P<{m[1]}>{_ID if m[1].endswith('_id') else _WORD})", self.path)
        return re.compile(found)


def page(path: str, handler: Handler, roles: frozenset[Role] = OVERSIGHT) -> Door:
    """Something to read."""
    return Door("GET", path, handler, roles)


def reading(path: str, handler: Handler) -> Door:
    """Something to read for which a form is sent: a purpose is stated, or an identifier searched for."""
    return Door("POST", path, handler)


def act(path: str, handler: Handler) -> Door:
    """Something that an admin does."""
    return Door("POST", path, handler, ADMINS, changes=True)
