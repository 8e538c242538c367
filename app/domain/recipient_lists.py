"""What every format of a list of recipients can do."""

from collections.abc import Sequence
from typing import Any, Protocol

from app.domain.line_rows import LineRows
from app.domain.recipient_rows import Rows


class RecipientList(Protocol):
    """One list in one format. It is read once, from its beginning."""

    @property
    def opening(self) -> str:
        """What the answer begins with, once the first rows were read."""

    @property
    def skipped(self) -> int:
        """Bytes of the list that stand before its first row."""

    def read(self, text: str, *, last: bool) -> tuple[Rows, str]:
        """The rows of a text of whole lines, and what is left because a row goes on after it."""

    def lines(self, block: bytes) -> LineRows | None:
        """The rows of a block of whole lines, without texts; None while the layout is not known, or where
        there is a row that takes more to be read."""

    def stated(self, items: Sequence[Any]) -> Sequence[Any]:
        """What the rows say of those whom they ask about, as it can be read again in the answer."""

    def tail(self, decision: str, code: str) -> str:
        """What stands after the head of a row that gets this answer, with the end of the line."""

    def closing(self, document: str) -> str:
        """The last line, which is no row: a JSON document."""
