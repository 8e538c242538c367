"""Spellings as they come: 70 % E.164, 10 % national, 20 % e-mail addresses, a fifth of them listed."""

import hmac
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.alone import main
from bench.client import Connection, post
from bench.people import national
from bench.references.orm import e164
from bench.results import Report, Row
from bench.rounds import Asking, Subject, connect, in_turns
from bench.running import Session
from bench.washing import Washing
from bench.world import World, strangers

SIZE = 10_000
HITS = 0.2
OVER_ITEMS, OVER_COMPACT = 10.0, 0.3
_CLIENTS = 2
_LISTS = 4
_NATIONAL, _EMAIL = 0.1, 0.2
_SECRET = b"a secret of thirty-two bytes ...."


class ByItem:
    """phonenumbers and one HMAC for each item, in this process: without HTTP, without a database."""

    def __init__(self, lists: Sequence[Sequence[Any]]) -> None:
        self._lists = lists

    async def __call__(self, seconds: float) -> tuple[int, float]:
        """Items, and seconds."""
        begun, done = time.perf_counter(), 0
        while True:
            for one in self._lists:
                for item in one:
                    text = item["value"].strip().lower() if isinstance(item, dict) else e164(item, "SE")
                    hmac.digest(_SECRET, text.encode(), "sha256")
                    done += 1
                    if done % 500 == 0 and time.perf_counter() > begun + seconds:
                        return done, time.perf_counter() - begun


def mixed(world: World) -> tuple[list[list[Any]], int]:
    """Some lists, and how many of each are listed."""
    chance = np.random.default_rng((world.options.seed, SIZE))
    pools = {
        (emails, listed): world.listed(emails=emails) if listed else strangers(emails=emails)
        for emails in (False, True)
        for listed in (False, True)
    }
    hits = round(SIZE * HITS)
    made = []
    for _ in range(_LISTS):
        items: list[Any] = []
        for place in range(SIZE):
            spelt = place % 10 / 10
            pool = pools[spelt < _EMAIL, place < hits]
            text = pool[int(chance.integers(len(pool)))]
            if spelt < _EMAIL:
                items.append({"type": "email", "value": text})
            else:
                items.append(national(text) if spelt < _EMAIL + _NATIONAL else text)
        made.append([items[n] for n in chance.permutation(SIZE)])
    return made, hits


async def measure(session: Session) -> Report:
    """Both views of Sparr, and the reading of the items alone."""
    report = Report(
        "formats", f"identifiers a second, {SIZE:,} a request, 70 % E.164, 10 % national, 20 % e-mail"
    )
    world = await session.world()
    lists, hits = mixed(world)
    asked, token = Washing(world, 0, [], hits), await world.token()
    ways = []
    for view in ("compact", "full"):
        requests = [post("/v1/lookups", asked.body(one, view), token) for one in lists]
        await _agreed(world.port, requests[0], hits)
        ways.append(Subject(view, Asking(await connect(world.port, _CLIENTS), requests, SIZE)))
    ways.append(Subject("items", ByItem(lists)))
    found = await in_turns(ways, session.options.rounds, session.options.seconds)
    compact, full, items = (found[name].rate for name in ("compact", "full", "items"))
    what = "phonenumbers + HMAC for each item, no HTTP, no database"
    report.rows = [
        Row("mixed, 20% hits", "Sparr, compact", compact, "ids/s", note=found["compact"].spread),
        Row("mixed, 20% hits", what, items, "ids/s", compact / items, OVER_ITEMS),
        Row("mixed, 20% hits", "Sparr, full view to compact", full, "ids/s", full / compact, OVER_COMPACT),
    ]
    return report


async def _agreed(port: int, request: bytes, hits: int) -> None:
    connection = await Connection.open(port)
    counts = (await connection.told(request))["counts"]
    connection.close()
    if counts["block"] != hits or counts["invalid"]:
        raise RuntimeError(f"{counts} for {hits} that are listed")


if __name__ == "__main__":
    main(__file__)
