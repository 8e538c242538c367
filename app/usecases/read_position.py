"""Positions that a caller hands back: `as_of` of an earlier answer, as `min_as_of` of a lookup."""

from collections.abc import Collection

from app.domain.parties import ALL_CONTROLLERS
from app.storage.units import ReadUnit
from app.storage.versions import AsOf as Position
from app.storage.versions import current_versions

__all__ = ["Position", "current_positions", "read_position"]


def read_position(token: str) -> Position | None:
    """The position in a token, or None when it is none of ours."""
    return Position.parse(token)


async def current_positions(unit: ReadUnit, numbers: Collection[int]) -> dict[int, Position]:
    """Where each of these lists stands, together with that of all controllers, which is one of them."""
    versions = await current_versions(unit, numbers)
    return {number: Position(version, versions[ALL_CONTROLLERS]) for number, version in versions.items()}
