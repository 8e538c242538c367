"""How much of the service one party may take at a time, so that there is some for the others (OWASP API4).

Two kinds of limits: what is in hand at the same moment (requests, and bytes of their bodies), and items over
time. Items are counted before anything is parsed: sixteen bytes of a body are one, about what a phone number
takes in a list, and a request is one too. Time is that of any clock that never goes back, in seconds.
"""

import math
from dataclasses import dataclass
from typing import Final

ITEM_BYTES: Final = 16
UNKNOWN_BYTES: Final = 4 * 1024 * 1024
"""What is set aside for a body of which nobody has said how long it is."""

MOST_BYTES: Final = 16 * 1024 * 1024
"""More than this nobody keeps of a body at a time: longer ones are read as they come."""


@dataclass(frozen=True, slots=True)
class Quota:
    """`items` in `seconds`, and at the same time so many `requests` with so many `body_bytes`."""

    items: int = 60_000_000
    seconds: int = 60
    requests: int = 512
    body_bytes: int = 64 * 1024 * 1024

    @property
    def policies(self) -> str:
        """As `RateLimit-Policy` says it (draft-ietf-httpapi-ratelimit-headers)."""
        over_time = f'"items";q={self.items};qu="items";w={self.seconds}'
        at_once = f'"requests";q={self.requests};qu="concurrent-requests"'
        return f'{over_time}, {at_once}, "bytes";q={self.body_bytes};qu="content-bytes"'


@dataclass(slots=True)
class Standing:
    """What a party has in hand, and until when its items are spent: the quota is a rate, and `due` runs ahead
    of the clock by what has been taken."""

    due: float = 0.0
    requests: int = 0
    body_bytes: int = 0

    def idle(self, now: float) -> bool:
        """Whether nothing has to be remembered."""
        return not self.requests and self.due <= now


@dataclass(frozen=True, slots=True)
class Exceeded:
    """Which limit, and after how many seconds it is worth asking again."""

    policy: str
    wait: int

    @property
    def limit(self) -> str:
        """As `RateLimit` says it."""
        return f'"{self.policy}";r=0;t={self.wait}'


def set_aside(length: int | None) -> int:
    """The bytes that a request with this declared length takes from those of its party."""
    return UNKNOWN_BYTES if length is None else min(length, MOST_BYTES)


def exceeded(quota: Quota, standing: Standing, now: float, length: int | None) -> Exceeded | None:
    """Why one more request has no place now. A party that has nothing in hand always has one, whatever its
    size, unless its items are spent."""
    ahead = standing.due - now
    if ahead >= quota.seconds:
        return Exceeded("items", max(1, math.ceil(ahead - quota.seconds)))
    if standing.requests >= quota.requests:
        return Exceeded("requests", 1)
    if standing.requests and standing.body_bytes + set_aside(length) > quota.body_bytes:
        return Exceeded("bytes", 1)
    return None


def spend(quota: Quota, standing: Standing, now: float, size: int) -> float:
    """Count so many bytes as items; for how many seconds whoever sends them is ahead of the quota."""
    items = 1 + size // ITEM_BYTES
    standing.due = max(standing.due, now) + items * quota.seconds / quota.items
    return max(0.0, standing.due - now - quota.seconds)
