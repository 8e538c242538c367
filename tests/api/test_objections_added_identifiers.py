"""A new number of the same person: not covered until it is added, and then by the same will."""

from secrets import token_hex
from typing import Any

import httpx2
import pytest

from tests.registry_driver import PHONE, Driver, Json, Party

OBJECTED = ("block", "OBJ_DM")
CLEAR = ("allow", "NO_OBJECTION_FOUND")
NEW = "+46701740610"
ADDED = {"identifiers": [{"type": "phone", "value": "070-174 06 10", "region": "SE"}]}


@pytest.fixture
async def mandate(registry: Driver, agent: Party) -> Json:
    return await registry.mandate(agent, rights=["object_dm", "withdraw_objection"])


@pytest.fixture
async def made(registry: Driver, agent: Party, mandate: Json, sender: Party) -> Json:
    return await registry.objection(agent, mandate, [sender.id])


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def add(registry: Driver, made: Json, who: Party, body: Any = ADDED) -> httpx2.Response:
    return await registry.post(f"/v1/objections/{made['id']}/identifiers", body, who)


async def test_a_new_number_is_blocked_from_when_it_was_added(
    registry: Driver, agent: Party, sender: Party, made: Json
) -> None:
    assert await registry.code(sender, NEW) == CLEAR
    answer = await add(registry, made, agent)
    shown = [(one["index"], one["canonical"], one["control"]) for one in answer.json()["identifiers"]]
    assert shown == [(0, PHONE, "shown"), (1, NEW, "unproven")]
    assert answer.json()["id"] == made["id"]
    assert await registry.code(sender, NEW, min_as_of=answer.json()["as_of"]) == OBJECTED
    assert await registry.code(sender) == OBJECTED


async def test_the_entries_stand_in_the_order_of_the_identifiers(
    registry: Driver, agent: Party, made: Json
) -> None:
    more = [{"type": "email", "value": f"p{token_hex(6)}@example.com"} for _ in range(20)]
    first = (await add(registry, made, agent, {"identifiers": more})).json()
    ids = first["controllers"][0]["entry_ids"]
    assert ids[0] == made["controllers"][0]["entry_ids"][0]
    second = (await add(registry, made, agent)).json()["controllers"][0]["entry_ids"]
    assert second[:-1] == ids


async def test_a_number_that_is_there_already_is_passed_over(
    registry: Driver, agent: Party, made: Json
) -> None:
    known = {"identifiers": [{"type": "phone", "value": PHONE}, *ADDED["identifiers"], *ADDED["identifiers"]]}
    answer = await add(registry, made, agent, known)
    assert [one["canonical"] for one in answer.json()["identifiers"]] == [PHONE, NEW]
    again = await add(registry, made, agent, known)
    assert [one["canonical"] for one in again.json()["identifiers"]] == [PHONE, NEW]


async def test_one_that_cannot_be_read_is_told_and_holds_nothing_up(
    registry: Driver, agent: Party, made: Json
) -> None:
    unreadable = {"type": "phone", "value": "abc", "region": "SE"}
    mixed = {"identifiers": [unreadable, *ADDED["identifiers"]]}
    answer = await add(registry, made, agent, mixed)
    told = {one["index"]: (one["accepted"], one["reason"]) for one in answer.json()["identifiers"]}
    assert told == {0: (True, None), 1: (False, "LETTERS"), 2: (True, None)}
    alone = await add(registry, made, agent, {"identifiers": [unreadable]})
    assert refusal(alone) == (422, "INVALID_IDENTIFIER")


async def test_a_number_is_added_to_an_objection_of_which_one_could_not_be_read(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    unreadable = {"type": "phone", "value": "abc", "region": "SE"}
    given = [unreadable, {"type": "phone", "value": PHONE}]
    made = await registry.objection(agent, mandate, [sender.id], identifiers=given)
    answer = await add(registry, made, agent)
    assert answer.status_code == 200, answer.text
    assert await registry.code(sender, NEW) == OBJECTED


async def test_adding_is_a_new_act_and_takes_a_mandate_in_force(
    registry: Driver, agent: Party, mandate: Json, sender: Party, made: Json
) -> None:
    ended = {"reason": "the grantor wishes it", "by": "grantor"}
    await registry.post(f"/v1/mandates/{mandate['id']}/revoke", ended, agent)
    assert refusal(await add(registry, made, agent)) == (403, "MANDATE_REVOKED")
    assert (await registry.code(sender, NEW), await registry.code(sender)) == (CLEAR, OBJECTED)


async def test_somebody_elses_personal_number_is_not_added(
    registry: Driver, agent: Party, made: Json
) -> None:
    other = {"identifiers": [{"type": "personal_number", "value": "200002292399"}]}
    assert refusal(await add(registry, made, agent, other)) == (403, "IDENTIFIER_NOT_GRANTOR")


async def test_only_the_agent_adds_to_its_objection(registry: Driver, sender: Party, made: Json) -> None:
    service = await registry.credential(sender.id, "customer_service")
    assert refusal(await add(registry, made, service)) == (404, "NOT_FOUND")
    assert refusal(await add(registry, made, await registry.agent())) == (404, "NOT_FOUND")
    assert refusal(await add(registry, made, await registry.admin())) == (403, "ROLE_DENIED")
    assert await registry.code(sender, NEW) == CLEAR


async def test_nothing_is_added_to_what_was_withdrawn(
    registry: Driver, agent: Party, sender: Party, made: Json
) -> None:
    evidence = {"evidence": {"method": "person", "reference": "call 18"}}
    await registry.post(f"/v1/objections/{made['id']}/withdraw", evidence, agent)
    assert refusal(await add(registry, made, agent)) == (409, "STATE_CONFLICT")
    assert await registry.code(sender, NEW) == CLEAR


async def test_what_was_added_ends_with_the_objection(
    registry: Driver, agent: Party, sender: Party, made: Json
) -> None:
    await add(registry, made, agent)
    evidence = {"evidence": {"method": "person", "reference": "call 18"}}
    await registry.post(f"/v1/objections/{made['id']}/withdraw", evidence, agent)
    assert (await registry.code(sender, NEW), await registry.code(sender)) == (CLEAR, CLEAR)
