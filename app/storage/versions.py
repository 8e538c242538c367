"""Versions: the gap-free, commit-ordered position of each list of entries.

The next number is taken under an advisory lock that lasts until the commit, so that versions commit in
their order. That makes one number the `as_of` of an answer, the cursor of the change feed, and the proof
that something held in memory or on a standby is still current.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from app.domain.parties import ALL_CONTROLLERS
from app.storage.units import ReadUnit, WriteUnit

_LOCK = text("SELECT pg_advisory_xact_lock(7229, n) FROM unnest(CAST(:numbers AS int4[])) AS n")
_NEXT = text("""
INSERT INTO registry.controller_version (controller_no, version, event_id, at)
SELECT n.number, n.step + coalesce((SELECT max(v.version) FROM registry.controller_version v
                                    WHERE v.controller_no = n.number), 0), n.event_id, n.at
FROM unnest(CAST(:numbers AS int4[]), CAST(:steps AS int8[]), CAST(:event_ids AS uuid[]),
            CAST(:times AS timestamptz[])) AS n (number, step, event_id, at)
RETURNING controller_no, event_id, version
""")
_NOW = text("""
SELECT n AS controller_no,
       coalesce((SELECT max(v.version) FROM registry.controller_version v
                 WHERE v.controller_no = n), 0) AS version
FROM unnest(CAST(:numbers AS int4[])) AS n
""")
_TRY_LOCK = text("""
SELECT n AS controller_no FROM unnest(CAST(:numbers AS int4[])) AS n WHERE pg_try_advisory_xact_lock(7229, n)
""")
_TOKEN = re.compile(r"([0-9]{1,19})\.([0-9]{1,19})(?:\.[0-9A-Za-z_-]{16,80})?")


@dataclass(frozen=True, slots=True, order=True)
class AsOf:
    """A position: the version of a controller's list and that of "all controllers". Opaque to callers."""

    controller: int
    everybody: int

    def __str__(self) -> str:
        return f"{self.controller}.{self.everybody}"

    @staticmethod
    def parse(token: str) -> "AsOf | None":
        """The position in a token, or None when it is none of ours. The change feed adds a third part, which
        says where in these versions it is: they are reflected once both are."""
        found = _TOKEN.fullmatch(token)
        return AsOf(int(found[1]), int(found[2])) if found else None

    def reaches(self, demanded: "AsOf") -> bool:
        """Whether everything up to the demanded position is reflected here."""
        return self.controller >= demanded.controller and self.everybody >= demanded.everybody

    @staticmethod
    def after_write(controller_no: int, version: int) -> "AsOf":
        """The position that a write to one list gives to whoever wants to see it in a lookup."""
        return AsOf(0, version) if controller_no == ALL_CONTROLLERS else AsOf(version, 0)


async def lock_lists(unit: WriteUnit, controllers: Iterable[int]) -> None:
    """Hold these lists until the commit, in ascending order, so that no two writers wait for each other."""
    numbers = sorted(set(controllers))
    await unit.declare(numbers)
    wanted = [number for number in numbers if number not in unit.held]
    if wanted:
        await unit.rows(_LOCK, {"numbers": wanted})
        unit.held.update(wanted)


async def try_lists(unit: WriteUnit, controllers: Iterable[int]) -> None:
    """Hold those of these lists that nobody else holds now; `unit.held` tells which. It waits for nobody."""
    numbers = sorted(set(controllers))
    await unit.declare(numbers)
    rows = await unit.rows(_TRY_LOCK, {"numbers": numbers})
    unit.held.update(row.controller_no for row in rows)


async def take_versions(
    unit: WriteUnit, controllers: Iterable[int], event_id: UUID, now: datetime
) -> dict[int, int]:
    """Take the next version of each list. The lock comes in a statement before the one that reads the newest
    version, which then sees what was committed meanwhile."""
    taken = await take_versions_each(unit, [(number, event_id, now) for number in set(controllers)])
    return {number: version for (number, _), version in taken.items()}


async def take_versions_each(
    unit: WriteUnit, wanted: Iterable[tuple[int, UUID, datetime]]
) -> dict[tuple[int, UUID], int]:
    """The next versions for many events, each in its lists and in the order given: the first who names a list
    gets its next version, the second the one after that."""
    told = {(number, event_id): at for number, event_id, at in wanted}
    await lock_lists(unit, (number for number, _ in told))
    steps: dict[int, int] = {}
    for number, _ in told:
        steps[number] = steps.get(number, 0) + 1
    counted = {number: iter(range(1, last + 1)) for number, last in steps.items()}
    values = {
        "numbers": [number for number, _ in told],
        "steps": [next(counted[number]) for number, _ in told],
        "event_ids": [event_id for _, event_id in told],
        "times": list(told.values()),
    }
    return {(row.controller_no, row.event_id): row.version for row in await unit.rows(_NEXT, values)}


async def current_versions(unit: ReadUnit, controllers: Iterable[int]) -> dict[int, int]:
    """The newest committed version of each list that this transaction can see."""
    numbers = sorted(set(controllers))
    await unit.declare(numbers)
    return {row.controller_no: row.version for row in await unit.rows(_NOW, {"numbers": numbers})}
