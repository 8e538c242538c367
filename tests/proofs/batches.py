"""P6: a batch answers exactly as its singles, in its order, with what stands in it twice, mixed and
unreadable.

Every distinct item is asked once by itself; then they are asked in large batches, drawn at random, each
place of which must say what the single said. The compact view says the same in counts and positions.
"""

import asyncio
from collections import Counter
from random import Random
from time import monotonic
from typing import Any

from tests.proofs.own_registry import own_registry
from tests.registry_driver import Driver, Json, Party, question

BATCH = 10_000
SIZES = {False: (100_000, 400), True: (1_000_000, 10_000)}
"""Items asked in batches, and distinct ones, in the short and the full form."""

UNREADABLE: list[Any] = ["see notes", "", "07", {"type": "phone"}, {"type": "fax", "value": "1"}, 7, None]


def items(distinct: int) -> list[Any]:
    """People of every sort and spelling, and some of whom nothing can be read."""
    found: list[Any] = [*UNREADABLE]
    found += [f"+4670174{number:04}" for number in range(605, 700)]
    found += [f"08-465 {number:03} {last:02}" for number in (4, 5) for last in range(100)]
    found += [{"type": "personal_number", "value": value} for value in ("199001012385", "200002292399")]
    found += [{"all": [f"+4670174{number:04}", {"type": "email", "value": f"batch{number}@example.com"}]}
              for number in range(605, 635)]  # fmt: skip
    more = max(0, distinct - len(found))
    mail = [{"type": "email", "value": f"batch{number}+x@example.com"} for number in range(more)]
    return [*found, *mail]


async def check(driver: Driver, *, full: bool, seed: int) -> dict[str, Any]:
    began, chance = monotonic(), Random(seed)  # noqa: S311 - a choice that can be repeated
    total, distinct = SIZES[full]
    asked = items(distinct)
    sender = await _known(driver, chance, asked)
    singles = [_told((await driver.look_up(sender, one))["results"][0]) for one in asked]
    violations: list[str] = []
    for number in range(total // BATCH):
        places = chance.choices(range(len(asked)), k=BATCH)
        violations += await _compared(driver, sender, number, [(asked[p], singles[p]) for p in places])
    codes = Counter(one["code"] for one in singles)
    return {
        "seed": seed,
        "full": full,
        "seconds": round(monotonic() - began, 1),
        "items": total,
        "distinct": len(asked),
        "codes": dict(codes),
        "violations": violations,
    }


async def _known(driver: Driver, chance: Random, asked: list[Any]) -> Party:
    """A controller to whom a part of them have objected, opted out, or consented."""
    sender = await driver.controller(policy={"basis": "recorded"})
    desk, agent = await driver.desk(sender), await driver.agent()
    mandate = await driver.mandate(agent)
    given = [one if isinstance(one, dict) else {"type": "phone", "value": one, "region": "SE"}
             for one in asked[len(UNREADABLE) :] if not (isinstance(one, dict) and "all" in one)]  # fmt: skip
    for one in chance.sample(given, 60):
        way = chance.randrange(4)
        if way == 0:
            await driver.objection(agent, mandate, [sender.id], identifiers=[one])
        elif way == 1:
            assert (await driver.enter(desk, one)).status_code == 201
        elif way == 2:
            await driver.enter(desk, one, kind="channel_optout", channels=["sms"])
        else:
            await driver.consent(desk, one)
    return sender


async def _compared(driver: Driver, sender: Party, number: int, placed: list[tuple[Any, Json]]) -> list[str]:
    body = question(sender.id, *(one for one, _ in placed))
    answer = (await driver.post("/v1/lookups", body, sender)).json()
    found = []
    if [one["index"] for one in answer["results"]] != list(range(len(placed))):
        found.append(f"batch {number}: not one answer each, in their order")
    wrong = [n for n, one in enumerate(answer["results"]) if _told(one) != placed[n][1]]
    if wrong:
        found.append(f"batch {number}: {len(wrong)} places say otherwise than alone, first {wrong[0]}")
    decisions = Counter(single["decision"] for _, single in placed)
    invalid = sum(single["code"] == "INPUT_INVALID" for _, single in placed)
    counts = {"asked": len(placed), **{k: decisions[k] for k in ("allow", "block")}, "invalid": invalid}
    if answer["counts"] != counts:
        found.append(f"batch {number}: the counts are not those of the singles")
    if number % 4:
        return found
    compact = (await driver.post("/v1/lookups", {**body, "view": "compact"}, sender)).json()
    if compact["counts"] != counts or _blocked(compact) != [
        n for n, (_, single) in enumerate(placed) if single["decision"] == "block"
    ]:
        found.append(f"batch {number}: counts or positions of the compact view are not those of the singles")
    return found


def _blocked(compact: Json) -> list[int]:
    return sorted(one if isinstance(one, int) else one["index"] for one in compact["blocked"])


def _told(result: Json) -> Json:
    return {name: value for name, value in result.items() if name not in {"index", "valid_until"}}


def run(*, full: bool, seed: int) -> dict[str, Any]:
    async def whole() -> dict[str, Any]:
        async with own_registry() as driver:
            return await check(driver, full=full, seed=seed)

    return asyncio.run(whole())
