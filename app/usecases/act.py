"""An act in progress: who does it, when, under which event id, and what was asked for, as a digest."""

from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_bytes
from uuid import UUID

from app.domain.ids import uuid7
from app.domain.parties import Caller


@dataclass(frozen=True, slots=True)
class Act:
    """One act is one transaction and one event. `caller` is None for what the registry itself does."""

    event_id: UUID
    now: datetime
    caller: Caller | None
    request_digest: bytes
    stated_purpose: str | None = None

    @staticmethod
    def begin(
        now: datetime, caller: Caller | None, request_digest: bytes = b"", purpose: str | None = None
    ) -> "Act":
        """A new act with an id of its own."""
        return Act(uuid7(now, token_bytes(10)), now, caller, request_digest, purpose)

    def part(self) -> "Act":
        """One of many that are done in this act, with an event of its own."""
        return replace(self, event_id=self.new_id())

    def new_id(self) -> UUID:
        """An id for a row that this act makes."""
        return uuid7(self.now, token_bytes(10))

    @property
    def who(self) -> Caller:
        """The caller of an act that always has one."""
        if self.caller is None:
            raise LookupError("this act has no caller")
        return self.caller
