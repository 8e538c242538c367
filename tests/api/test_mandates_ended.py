"""A newer mandate takes the place of an older one; death and coming of age close it. Objections stay."""

from typing import Any

import pytest

from tests.registry_driver import Driver, Json, Party

CHILD = {"type": "personal_number", "value": "200002292399", "country": "SE"}


async def superseded(registry: Driver, old: Json, new: Json, who: Party) -> Any:
    return await registry.post(f"/v1/mandates/{old['id']}/supersede", {"by": new["id"]}, who)


async def test_overlapping_mandates_stand_each_alone(registry: Driver, agent: Party, sender: Party) -> None:
    for _ in range(2):
        await registry.objection(agent, await registry.mandate(agent), [sender.id])


async def test_a_superseded_mandate_takes_nothing_new_in_and_keeps_what_was_received(
    registry: Driver, agent: Party, sender: Party
) -> None:
    old = await registry.mandate(agent)
    await registry.objection(agent, old, [sender.id])
    new = await registry.mandate(agent)
    answer = await superseded(registry, old, new, agent)
    assert (answer.status_code, answer.json()["state"]) == (200, "superseded")
    assert await registry.code(sender) == ("block", "OBJ_DM")
    refused = await registry.object_to(agent, old, [(await registry.controller()).id])
    assert refused.json()["code"] == "MANDATE_CLOSED"
    await registry.objection(agent, new, [(await registry.controller()).id])


async def test_only_a_newer_mandate_in_force_of_the_same_person_and_agent_takes_the_place(
    registry: Driver, agent: Party
) -> None:
    old, new = await registry.mandate(agent), await registry.mandate(agent)
    of_another = await registry.mandate(agent, grantor=CHILD, identifiers=[])
    for one, by in ((new, old), (old, old), (old, of_another)):
        assert (await superseded(registry, one, by, agent)).json()["code"] == "STATE_CONFLICT"
    stranger = await registry.agent()
    foreign = await registry.mandate(stranger)
    assert (await superseded(registry, old, foreign, agent)).json()["code"] == "MANDATE_NOT_FOUND"
    assert (await superseded(registry, foreign, new, agent)).json()["code"] == "MANDATE_NOT_FOUND"


@pytest.mark.parametrize("cause", ["death", "of_age"])
async def test_a_closed_mandate_takes_nothing_new_in_and_the_block_stays(
    registry: Driver, agent: Party, sender: Party, cause: str
) -> None:
    made = await registry.mandate(agent)
    await registry.objection(agent, made, [sender.id])
    body = {"cause": cause, "reason": "Told by the family"}
    path = f"/v1/mandates/{made['id']}/close"
    answer = await registry.post(path, body, await registry.admin())
    assert (answer.status_code, answer.json()["state"]) == (200, "closed")
    refused = await registry.object_to(agent, made, [(await registry.controller()).id])
    assert refused.json()["code"] == "MANDATE_CLOSED"
    assert await registry.code(sender) == ("block", "OBJ_DM")
    assert (await registry.post(path, body, agent)).json()["code"] == "STATE_CONFLICT"
