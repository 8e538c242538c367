"""Where somebody is in the changes of a controller: a place in its own list and one in that of everybody.

A token says it as `as_of` does, with a third part: a keyed tag over the events that took the two versions,
and the place inside a version where a page ended there. So a position of another history, such as that of a
registry that was restored and went another way, is noticed and not gone on from.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from app.crypto import base64url
from app.domain.parties import ALL_CONTROLLERS
from app.storage.changes import Place
from app.storage.versions import AsOf

_TAG_BYTES: Final = 12
_PLACE_BYTES: Final = 34
_OWN, _EVERYBODY = b"c", b"e"


@dataclass(frozen=True, slots=True)
class ChangePosition:
    """Everything up to here has been given. `seal` is the third part of a token, empty in an `as_of` that
    something else than the feed answered."""

    own: Place
    everybody: Place
    seal: bytes = b""

    @property
    def as_of(self) -> AsOf:
        """The versions, counting one of which a part was given."""
        return AsOf(self.own.version, self.everybody.version)

    def token(self, key: bytes, number: int, events: Mapping[tuple[int, int], UUID]) -> str:
        """As it is told. `events` took the two versions; the key is the registry's own."""
        return f"{self.as_of}.{base64url.encode(self._sealed(key, number, events))}"

    def genuine(self, key: bytes, number: int, events: Mapping[tuple[int, int], UUID]) -> bool:
        """Whether it is a position in the history that these events are of."""
        if not self.seal:
            return True
        if (number, self.own.version) not in events or (
            ALL_CONTROLLERS,
            self.everybody.version,
        ) not in events:
            return False
        return hmac.compare_digest(self.seal, self._sealed(key, number, events))

    def _sealed(self, key: bytes, number: int, events: Mapping[tuple[int, int], UUID]) -> bytes:
        inside = _inside(_OWN, self.own) + _inside(_EVERYBODY, self.everybody)
        taken = events[number, self.own.version].bytes
        taken += events[ALL_CONTROLLERS, self.everybody.version].bytes
        said = f"sparr changes 1\0{number}\0{self.as_of}\0".encode() + taken + inside
        return hmac.digest(key, said, "sha256")[:_TAG_BYTES] + inside


START: Final = ChangePosition(Place(0), Place(0))


def _inside(which: bytes, place: Place) -> bytes:
    """Where in its version a place is; nothing when the version is whole. Only one of two lists is ever in
    the middle of a version."""
    if place.whole:
        return b""
    return which + bytes([place.rank]) + place.row_id.bytes + place.entry_id.bytes


def read_change_position(token: str) -> ChangePosition | None:
    """The position that a token names, of the feed or any `as_of`; None when it is none of ours."""
    as_of = AsOf.parse(token)
    if as_of is None:
        return None
    position = ChangePosition(Place(as_of.controller), Place(as_of.everybody))
    third = token.split(".", 2)[2:]
    return _within(position, third[0]) if third else position


def _within(position: ChangePosition, third: str) -> ChangePosition | None:
    try:
        seal = base64url.decode(third)
    except ValueError:
        return None
    position, inside = replace(position, seal=seal), seal[_TAG_BYTES:]
    if len(seal) == _TAG_BYTES:
        return position
    if len(inside) != _PLACE_BYTES:
        return None
    spot = (inside[1], UUID(bytes=inside[2:18]), UUID(bytes=inside[18:]))
    if inside[:1] == _OWN:
        return replace(position, own=Place(position.own.version, *spot))
    return replace(position, everybody=Place(position.everybody.version, *spot))


def change_id(key: bytes, number: int, home: int, place: Place) -> UUID:
    """The id of a change: always the same for one controller, another for each, and telling nothing. A UUID
    of version 8 (RFC 9562 section 5.8)."""
    said = f"sparr change 1\0{number}\0{home}\0{place.version}\0{place.rank}\0".encode()
    made = bytearray(hmac.digest(key, said + place.row_id.bytes + place.entry_id.bytes, "sha256")[:16])
    made[6] = made[6] & 0x0F | 0x80
    made[8] = made[8] & 0x3F | 0x80
    return UUID(bytes=bytes(made))
