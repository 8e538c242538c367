"""What parties are called, for whoever has their ids before them."""

from collections.abc import Iterable
from uuid import UUID

from app.storage.figures import party_names
from app.storage.units import ReadUnit


async def name_parties(unit: ReadUnit, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of those that there are; None stands for all controllers, who have none."""
    return await party_names(unit, [one for one in set(ids) if one is not None])
