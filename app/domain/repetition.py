"""A wish that stands and was said again: when a consent becomes known late, the newest act counts (R14)."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Heard:
    """An entry that is the person's own word: what it says, since when it stands, and when the same was last
    said. Until a consent is known a repetition makes no entry, and only its event has the later time."""

    entry_id: UUID
    wording: Hashable
    channels: int
    since: datetime
    said_at: datetime


def overtaken(given_at: datetime, channels: int, heard: Iterable[Heard]) -> list[Heard]:
    """The wishes that a consent given then would go before, although the person said the same again after it:
    one for each wording, with the last time that it was said."""
    newest: dict[Hashable, Heard] = {}
    for one in sorted(heard, key=lambda one: (one.since, one.entry_id)):
        before = newest.get(one.wording, one)
        newest[one.wording] = replace(one, said_at=max(one.said_at, before.said_at))
    return [one for one in newest.values() if one.channels & channels and one.since < given_at <= one.said_at]
