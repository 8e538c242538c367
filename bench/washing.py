"""Lists to wash, as requests of Sparr and of the references: the same identifiers in the same order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.client import UNAVAILABLE, Connection, post
from bench.people import asked
from bench.world import World, strangers

_TRIES = 5
QUESTION = {"channel": "sms", "purpose": "marketing", "region": "SE"}


@dataclass(frozen=True, slots=True)
class Washing:
    """Lists of one size, of which a share stands in a controller's list."""

    world: World
    rank: int
    lists: list[list[str]]
    hits: int

    @property
    def number(self) -> int:
        """The list's number in the references' table."""
        return int(self.world.lists[self.rank])

    async def ours(self, view: str = "compact") -> list[bytes]:
        """As requests of Sparr, by the controller itself."""
        return [
            post("/v1/lookups", self.body(one, view), await self.world.token(self.rank)) for one in self.lists
        ]

    def body(self, identifiers: Sequence[Any], view: str) -> bytes:
        """A whole question."""
        asked = {"controller_id": str(self.world.ids[self.rank]), **QUESTION, "view": view}
        return json.dumps({**asked, "identifiers": identifiers}).encode()

    def reference(self, path: str, most: int | None = None) -> list[bytes]:
        """As requests of a reference; of each list only so many, where it is slow."""
        return [
            post(path, json.dumps({"controller_id": self.number, "identifiers": one[:most]}).encode())
            for one in self.lists
        ]

    async def agreed(self, port: int, request: bytes, expected: int | None = None) -> None:
        """Whether somebody finds as many as there are: what answers wrongly is not measured."""
        connection = await Connection.open(port)
        for _ in range(_TRIES):
            if (await connection.ask(request))[0] != UNAVAILABLE:
                break
        answer = await connection.told(request)
        connection.close()
        wanted = self.hits if expected is None else expected
        if len(answer["blocked"]) != wanted:
            raise RuntimeError(f"{len(answer['blocked'])} are blocked, and not {wanted}")

    def among(self, most: int) -> int:
        """How many of the first of a list stand in the controller's list."""
        listed = set(self.world.listed(self.rank))
        return sum(one in listed for one in self.lists[0][:most])


def washing(
    world: World, size: int, share: float, *, rank: int = 0, lists: int = 6, seed: int = 0
) -> Washing:
    """Some lists to wash in turn."""
    chance = np.random.default_rng((world.options.seed, size, round(share * 100), rank, seed))
    listed, others = world.listed(rank), strangers()
    made = [asked(listed, others, size, share, chance) for _ in range(lists)]
    return Washing(world, rank, [one for one, _ in made], made[0][1])
