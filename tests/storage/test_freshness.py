"""Once an objection is acknowledged, no lookup misses it, however many are written meanwhile."""

import asyncio

from tests.registry_driver import Driver, Json, Party

WRITERS, EACH = 6, 52


async def answered(
    registry: Driver, sender: Party, address: str, as_of: str | None = None
) -> tuple[str, str]:
    """Decision and code for an e-mail address."""
    demanded = {"min_as_of": as_of} if as_of else {}
    return await registry.code(sender, address, channel="email", receipt="none", **demanded)


async def test_no_lookup_misses_what_was_acknowledged_before_it_began(registry: Driver) -> None:
    sender, agent = await registry.controller(), await registry.agent()
    mandate = await registry.mandate(agent)
    checks = 0

    async def write(writer: int) -> None:
        nonlocal checks
        for turn in range(EACH):
            address = f"fresh-{writer}-{turn}@example.com"
            everywhere = turn % 4 == 0
            identifiers = [{"type": "email", "value": address}]
            made: Json = await registry.objection(
                agent, mandate, "all" if everywhere else [sender.id], identifiers=identifiers
            )
            asked = made["as_of"] if turn % 2 else None
            assert await answered(registry, sender, address, asked) == ("block", "OBJ_DM"), address
            checks += 1

    async def read() -> None:
        while True:
            decision = await answered(registry, sender, "nobody-fresh@example.com")
            assert decision == ("allow", "NO_OBJECTION_FOUND")

    reading = asyncio.create_task(read())
    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    assert not reading.done(), reading.exception()
    reading.cancel()
    assert checks >= 300


async def test_a_position_that_is_not_reached_yet_is_refused_and_not_answered(registry: Driver) -> None:
    sender = await registry.controller()
    found = await registry.look_up(sender, "+46701740605")
    mine, _, everybody = found["as_of"].partition(".")
    for ahead in (f"{int(mine) + 1}.{everybody}", f"{mine}.{int(everybody) + 1000}"):
        body = {"controller_id": sender.id, "channel": "sms", "purpose": "marketing", "min_as_of": ahead}
        answer = await registry.post("/v1/lookups", {**body, "identifiers": ["+46701740605"]}, sender)
        assert (answer.status_code, answer.json()["code"]) == (503, "NOT_FRESH")
