"""Ids are UUIDs of version 7 (RFC 9562, 5.7): a millisecond of Unix time, then 74 random bits."""

from datetime import datetime
from uuid import UUID


def uuid7(at: datetime, random: bytes) -> UUID:
    """The id for a moment and ten random bytes; both come from the caller, so that this stays pure."""
    millis = int(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    tail = int.from_bytes(random[:10], "big")
    high = (tail >> 62) & 0xFFF
    low = tail & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=(millis << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)
