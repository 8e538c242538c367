"""The same will again is the same objection; another's, or a later one, is an act of its own."""

import asyncio
from secrets import token_hex
from typing import Any

import pytest

from tests.direct import row_counts
from tests.registry_driver import Driver, Json, Party, objection

OBJECTED = ("block", "OBJ_DM")
CLEAR = ("allow", "NO_OBJECTION_FOUND")
EVIDENCE = {"evidence": {"method": "person", "reference": "call 18"}}
ACTS = {"registry.objection", "registry.entry", "registry.entry_key", "vault.sealed"}


@pytest.fixture(scope="module")
async def mandate(registry: Driver, agent: Party) -> Json:
    return await registry.mandate(agent, rights=["object_dm", "withdraw_objection"])


async def test_the_same_will_again_is_answered_with_the_objection_that_stands(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    first = await registry.objection(agent, mandate, [sender.id])
    before = await row_counts(behind)
    again = await registry.object_to(agent, mandate, [sender.id], reference="A1-obj-2")
    assert again.status_code == 200
    assert again.json() == {**first, "duplicate_of": first["id"]}
    after = await row_counts(behind)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"registry.event", "registry.idempotency", "vault.answer"}


async def test_other_spellings_and_other_names_are_the_same_will(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    email = {"type": "email", "value": "anna.test@example.com"}
    phone = {"type": "phone", "value": "070-174 06 05", "region": "SE"}
    first = await registry.objection(agent, mandate, [sender.id], identifiers=[phone, email])
    spelt = [
        {"type": "email", "value": "Anna.Test@Example.com"},
        {"type": "phone", "value": "+46701740605"},
    ]
    named = [f"org:{sender.extra['org_no']}"]
    again = await registry.object_to(agent, mandate, named, identifiers=spelt, kinds=["art21_2", "erasure"])
    assert (again.status_code, again.json()["duplicate_of"]) == (200, first["id"])


@pytest.mark.parametrize(
    "other",
    [
        {"channels": ["sms"]},
        {"identifiers": [{"type": "email", "value": "anna.test@example.com"}]},
    ],
)
async def test_another_scope_or_another_identifier_is_another_will(
    registry: Driver, agent: Party, mandate: Json, sender: Party, other: Json
) -> None:
    first = await registry.objection(agent, mandate, [sender.id])
    second = await registry.objection(agent, mandate, [sender.id], **other)
    assert first["id"] != second["id"]


async def test_another_agents_objection_stands_by_itself(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    other = await registry.agent()
    first = await registry.objection(agent, mandate, [sender.id])
    second = await registry.objection(other, await registry.mandate(other), [sender.id])
    assert first["id"] != second["id"]
    withdrawn = await registry.post(f"/v1/objections/{first['id']}/withdraw", EVIDENCE, agent)
    assert withdrawn.json()["state"] == "withdrawn"
    found = (await registry.look_up(sender, "+46701740605"))["results"][0]
    assert (found["code"], found["entry_id"]) == ("OBJ_DM", second["controllers"][0]["entry_ids"][0])


async def test_what_the_person_said_later_is_a_new_act(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    """An automatic re-send is none, unless it states that the person spoke after the first was received."""
    first = await registry.objection(agent, mandate, [sender.id])
    before = {"instructed_at": first["received_at"]}
    assert (await registry.object_to(agent, mandate, [sender.id], **before)).status_code == 200
    elsewhere = await registry.objection(agent, mandate, [(await registry.controller()).id])
    after = {"instructed_at": elsewhere["received_at"]}
    second = await registry.objection(agent, mandate, [sender.id], **after)
    assert second["id"] != first["id"]
    again = await registry.object_to(agent, mandate, [sender.id], **after)
    assert (again.status_code, again.json()["duplicate_of"]) == (200, second["id"])


async def test_a_will_that_was_withdrawn_can_be_declared_again(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    first = await registry.objection(agent, mandate, [sender.id])
    await registry.post(f"/v1/objections/{first['id']}/withdraw", EVIDENCE, agent)
    assert await registry.code(sender) == CLEAR
    second = await registry.objection(agent, mandate, [sender.id])
    assert second["id"] != first["id"]
    assert await registry.code(sender) == OBJECTED


async def test_two_posts_of_the_same_will_at_the_same_time_are_one_objection(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    body = objection(mandate["id"], [sender.id])
    await registry.objection(agent, mandate, [(await registry.controller()).id])
    before = await row_counts(behind)
    posts = [registry.post("/v1/objections", body, agent, Idempotency_Key=token_hex(8)) for _ in range(6)]
    answers = await asyncio.gather(*posts)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    after = await row_counts(behind)
    assert {name: after[name] - before[name] for name in ACTS - {"vault.sealed", "registry.entry_key"}} == {
        "registry.objection": 1,
        "registry.entry": 1,
    }
