"""What a lookup asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.facts import Question
from app.storage.versions import AsOf


@dataclass(frozen=True, slots=True)
class LookupCommand:
    """One lookup. `identifiers` are as sent: strings and objects, judged one by one."""

    controller_id: UUID
    question: Question
    identifiers: Sequence[Any]
    region: str | None = None
    source_id: UUID | None = None
    min_as_of: AsOf | None = None
