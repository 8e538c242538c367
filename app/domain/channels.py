"""The channels of a dispatch: a closed table, one row each; codes and bits are permanent.

Four classes (docs/rules.md): electronic messages (ePrivacy Art. 13), live
calls, addressed post, and use without a message. Unaddressed post is out of scope.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ChannelClass(StrEnum):
    """What kind of contact a channel is; the law differs by class, not by channel."""

    ELECTRONIC = "E"
    LIVE_CALL = "T"
    POST = "P"
    USE = "X"


@dataclass(frozen=True, slots=True)
class Channel:
    """One row: `bit` is its place in a scope mask, `bare` the identifier type of a bare string."""

    code: str
    kind: ChannelClass
    bit: int
    bare: str | None


_ROWS = (
    Channel("sms", ChannelClass.ELECTRONIC, 1 << 0, "phone"),
    Channel("mms", ChannelClass.ELECTRONIC, 1 << 1, "phone"),
    Channel("email", ChannelClass.ELECTRONIC, 1 << 2, "email"),
    Channel("voice_auto", ChannelClass.ELECTRONIC, 1 << 3, "phone"),
    Channel("fax", ChannelClass.ELECTRONIC, 1 << 4, "phone"),
    Channel("direct_message", ChannelClass.ELECTRONIC, 1 << 5, None),
    Channel("push", ChannelClass.ELECTRONIC, 1 << 6, None),
    Channel("voice_live", ChannelClass.LIVE_CALL, 1 << 7, "phone"),
    Channel("post_addressed", ChannelClass.POST, 1 << 8, None),
    Channel("profiling", ChannelClass.USE, 1 << 9, None),
    Channel("list_share", ChannelClass.USE, 1 << 10, None),
    Channel("audience_upload", ChannelClass.USE, 1 << 11, None),
)

CHANNELS = {row.code: row for row in _ROWS}

ALL_CHANNELS = 0x7FFF_FFFF
"""Every bit, also those of channels to come: an objection to "all" covers a channel added later."""


def channel_mask(codes: Iterable[str] | None) -> int:
    """The scope mask of some channels; None means all. Raises KeyError for a code not in the table."""
    if codes is None:
        return ALL_CHANNELS
    mask = 0
    for code in codes:
        mask |= CHANNELS[code].bit
    return mask


def channel_codes(mask: int) -> list[str] | None:
    """The codes in a scope mask in table order, or None when the scope is all channels."""
    if mask == ALL_CHANNELS:
        return None
    return [row.code for row in _ROWS if row.bit & mask]
