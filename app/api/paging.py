"""Lists are paged by strict comparison with the last id seen; thousands of rows may share a timestamp."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request

from app.api.cursors import limit_of, open_cursor, seal_cursor
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
        self.limit = limit_of(limit)
        self.after = FIRST if cursor is None else UUID(open_cursor(self._key, cursor)["after"])

    def next_cursor(self, rows: Sequence[Any]) -> str | None:
        """The cursor after these rows; None when the list ended with them."""
        return None if len(rows) < self.limit else seal_cursor(self._key, {"after": str(rows[-1].id)})


PageDep = Annotated[Page, Depends(Page)]
