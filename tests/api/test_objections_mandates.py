"""Under which mandates an objection is received, and by whom."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from tests.registry_driver import Driver, Json, Party, iso

OBJECTED = ("block", "OBJ_DM")
CLEAR = ("allow", "NO_OBJECTION_FOUND")
REFUSED_CONTROLLER = (403, "AUTH_CONTROLLER")


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def shape(value: Any) -> Any:
    """The names and types of an answer, and how long its texts are."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return (type(value).__name__, len(value) if isinstance(value, str) else None)


async def test_a_mandate_without_the_right_to_object_objects_to_nothing(
    registry: Driver, agent: Party, sender: Party
) -> None:
    looking = await registry.mandate(agent, rights=["receive_status", "withdraw_objection"])
    assert refusal(await registry.object_to(agent, looking, [sender.id])) == (403, "MANDATE_SCOPE")


async def test_another_agents_mandate_is_answered_like_one_that_does_not_exist(
    registry: Driver, mandate: Json, sender: Party
) -> None:
    other = await registry.agent()
    foreign = await registry.object_to(other, mandate, [sender.id])
    unknown = await registry.object_to(other, {"id": str(uuid4())}, [sender.id])
    none = await registry.object_to(other, {"id": None}, [sender.id])
    assert refusal(foreign) == refusal(unknown) == refusal(none) == (404, "MANDATE_NOT_FOUND")
    assert shape(foreign.json()) == shape(unknown.json())
    same = [{**answer.json(), "instance": ""} for answer in (foreign, unknown, none)]
    assert same[0] == same[1] == same[2]
    assert foreign.headers.keys() == unknown.headers.keys()
    assert await registry.code(sender) == CLEAR


async def test_nothing_new_is_received_from_a_suspended_agent_and_its_objections_stand(
    registry: Driver, sender: Party
) -> None:
    agent = await registry.agent()
    mandate, later = await registry.mandate(agent), await registry.controller()
    await registry.objection(agent, mandate, [sender.id])
    admin = await registry.admin()
    await registry.post(f"/v1/agents/{agent.id}/suspend", {"reason": "under review"}, admin)
    assert refusal(await registry.object_to(agent, mandate, [later.id])) == (403, "AGENT_SUSPENDED")
    assert (await registry.code(sender), await registry.code(later)) == (OBJECTED, CLEAR)
    await registry.post(f"/v1/agents/{agent.id}/resume", {"reason": "reviewed"}, admin)
    await registry.objection(agent, mandate, [later.id])


async def test_nothing_is_received_under_a_mandate_that_begins_tomorrow(
    registry: Driver, agent: Party, sender: Party
) -> None:
    tomorrow = await registry.mandate(agent, valid_from=iso(datetime.now(UTC) + timedelta(days=1)))
    assert refusal(await registry.object_to(agent, tomorrow, [sender.id])) == (403, "MANDATE_SCOPE")
    assert await registry.code(sender) == CLEAR


async def test_nothing_is_received_under_a_mandate_with_a_foreign_signature(
    registry: Driver, agent: Party, sender: Party
) -> None:
    forged = {"kind": "agent_jws", "jws": "a.b.c"}
    rejected = await registry.mandate(agent, evidence=forged)
    assert rejected["state"] == "rejected"
    assert refusal(await registry.object_to(agent, rejected, [sender.id])) == (403, "SIGNATURE_INVALID")
    assert await registry.code(sender) == CLEAR


async def test_the_agents_word_alone_blocks_provisionally_until_it_is_verified(
    registry: Driver, agent: Party, sender: Party
) -> None:
    word = await registry.mandate(agent, evidence={"kind": "external_ref", "reference": "archive 17"})
    trusting = await registry.controller(policy={"minimum_level": "L0"})
    made = await registry.objection(agent, word, [sender.id])
    assert made["state"] == "pending_verification"
    assert await registry.code(sender) == ("block", "OBJ_PROVISIONAL")
    trusted = await registry.objection(agent, word, [trusting.id])
    assert trusted["state"] == "active"
    assert await registry.code(trusting) == OBJECTED


async def test_a_mandate_below_the_controllers_level_blocks_provisionally(
    registry: Driver, agent: Party, mandate: Json
) -> None:
    strict = await registry.controller(policy={"minimum_level": "L3"})
    assert (await registry.objection(agent, mandate, [strict.id]))["state"] == "pending_verification"
    assert await registry.code(strict) == ("block", "OBJ_PROVISIONAL")


async def test_a_sender_cannot_object_for_anybody(registry: Driver, mandate: Json, sender: Party) -> None:
    assert refusal(await registry.object_to(sender, mandate, [sender.id])) == (403, "ROLE_DENIED")
    assert await registry.code(sender) == CLEAR


async def test_an_admin_does_not_object_under_a_mandate(
    registry: Driver, mandate: Json, sender: Party
) -> None:
    admin = await registry.admin()
    assert refusal(await registry.object_to(admin, mandate, [sender.id])) == (403, "ROLE_DENIED")


async def test_an_agent_is_never_the_person_itself(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    evidence = {"method": "person", "reference": "call 17"}
    made = await registry.objection(agent, mandate, [sender.id], origin="self", evidence=evidence)
    assert made["origin"] == "agent"
    alone = await registry.object_to(agent, {"id": None}, [sender.id], origin="self", evidence=evidence)
    assert refusal(alone) == (404, "MANDATE_NOT_FOUND")
