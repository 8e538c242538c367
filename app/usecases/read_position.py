"""Positions that a caller hands back: `as_of` of an earlier answer, as `min_as_of` of a lookup."""

from app.storage.versions import AsOf as Position

__all__ = ["Position", "read_position"]


def read_position(token: str) -> Position | None:
    """The position in a token, or None when it is none of ours."""
    return Position.parse(token)
