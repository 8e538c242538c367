"""Lists are paged by strict comparison with the last id seen; thousands of rows may share a timestamp."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request

from app.api.cursors import limit_of, open_cursor, seal_cursor
from app.api.problems import EdgeError
from app.api.state import deployment_of

FIRST = UUID(int=0)


class Page:
    """Where a list goes on, and how many items were asked for."""

    def __init__(
        self,
        request: Request,
        limit: Annotated[str | None, Query(description="1 to 1000; other numbers are brought there.")] = None,
        cursor: Annotated[str | None, Query(description="As given in next_cursor.")] = None,
    ) -> None:
        self._key = deployment_of(request).ring.cursor_key
        self._list = request.url.path
        self.limit = limit_of(limit)
        self.after = FIRST if cursor is None else self._place(cursor)

    def next_cursor(self, rows: Sequence[Any]) -> str | None:
        """The cursor after these rows; None when the list ended with them."""
        return None if len(rows) < self.limit else self._seal(rows[-1].id)

    def _seal(self, last: UUID) -> str:
        return seal_cursor(self._key, {"list": self._list, "after": str(last)})

    def _place(self, cursor: str) -> UUID:
        """A cursor goes on in the list that gave it, and in no other."""
        place = open_cursor(self._key, cursor)
        if place.get("list") != self._list:
            raise EdgeError("BAD_CURSOR")
        return UUID(place["after"])


PageDep = Annotated[Page, Depends(Page)]
