"""How an objection ends: taken back by who may, or voided by two admins. Its history stays whole."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.registry_driver import PHONE, Driver, Json, Party

OBJECTED = ("block", "OBJ_DM")
CLEAR = ("allow", "NO_OBJECTION_FOUND")
EVIDENCE = {"evidence": {"method": "person", "reference": "call 18"}}
REASON = {"reason": "the grantor says that nobody asked"}


@pytest.fixture(scope="module")
async def mandate(registry: Driver, agent: Party) -> Json:
    return await registry.mandate(agent, rights=["object_dm", "withdraw_objection"])


@pytest.fixture
async def made(registry: Driver, agent: Party, mandate: Json, sender: Party) -> Json:
    return await registry.objection(agent, mandate, [sender.id])


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def withdraw(registry: Driver, made: Json, who: Party, body: Any = EVIDENCE) -> httpx2.Response:
    return await registry.post(f"/v1/objections/{made['id']}/withdraw", body, who)


async def void(registry: Driver, made: Json, who: Party) -> httpx2.Response:
    return await registry.post(f"/v1/objections/{made['id']}/void", REASON, who)


async def happened(registry: Driver, made: Json, who: Party) -> list[tuple[str, str | None]]:
    page = (await registry.get(f"/v1/objections/{made['id']}/events", who)).json()
    return [(event["kind"], event["state"]) for event in page["items"]]


async def test_an_agent_with_the_right_takes_an_objection_back_and_nothing_of_it_is_lost(
    registry: Driver, agent: Party, sender: Party, made: Json
) -> None:
    assert await registry.code(sender) == OBJECTED
    answer = await withdraw(registry, made, agent)
    withdrawn = answer.json()
    assert (answer.status_code, withdrawn["state"]) == (200, "withdrawn")
    assert await registry.code(sender) == CLEAR
    assert (await registry.get(f"/v1/objections/{made['id']}", agent)).json() == withdrawn
    varying = {"state", "as_of", "controllers"}
    assert {name for name in made if made[name] != withdrawn[name]} == varying
    assert withdrawn["controllers"][0]["entry_ids"] == made["controllers"][0]["entry_ids"]
    service = await registry.credential(sender.id, "customer_service")
    entry = await registry.get(f"/v1/entries/{made['controllers'][0]['entry_ids'][0]}", service)
    assert entry.json()["state"] == "released"
    history = [("objection.received", "active"), ("objection.withdrawn", "withdrawn")]
    assert await happened(registry, made, agent) == history


async def test_the_answer_gives_the_position_from_which_the_withdrawal_is_seen(
    registry: Driver, agent: Party, sender: Party, made: Json
) -> None:
    withdrawn = (await withdraw(registry, made, agent)).json()
    position, before = int(withdrawn["as_of"].split(".")[0]), int(made["as_of"].split(".")[0])
    assert position == before + 1
    assert await registry.code(sender, min_as_of=withdrawn["as_of"]) == CLEAR


async def test_taking_back_takes_evidence(registry: Driver, agent: Party, sender: Party, made: Json) -> None:
    assert refusal(await withdraw(registry, made, agent, {})) == (403, "EVIDENCE_REQUIRED")
    assert await registry.code(sender) == OBJECTED


async def test_what_is_withdrawn_cannot_be_withdrawn_again(
    registry: Driver, agent: Party, made: Json
) -> None:
    await withdraw(registry, made, agent)
    assert refusal(await withdraw(registry, made, agent)) == (409, "STATE_CONFLICT")
    assert len(await happened(registry, made, agent)) == 2


async def test_an_agent_takes_back_only_under_a_mandate_in_force(
    registry: Driver, agent: Party, sender: Party
) -> None:
    mandate = await registry.mandate(agent, rights=["object_dm", "withdraw_objection"])
    made = await registry.objection(agent, mandate, [sender.id])
    ended = {"reason": "the grantor wishes it", "by": "grantor"}
    await registry.post(f"/v1/mandates/{mandate['id']}/revoke", ended, agent)
    assert refusal(await withdraw(registry, made, agent)) == (403, "MANDATE_REVOKED")
    assert await registry.code(sender) == OBJECTED


async def test_nobody_else_takes_an_agents_objection_back(
    registry: Driver, sender: Party, made: Json
) -> None:
    service = await registry.credential(sender.id, "customer_service")
    assert refusal(await withdraw(registry, made, service)) == (404, "NOT_FOUND")
    assert refusal(await withdraw(registry, made, await registry.agent())) == (404, "NOT_FOUND")
    assert refusal(await withdraw(registry, made, sender)) == (403, "ROLE_DENIED")
    assert refusal(await withdraw(registry, made, await registry.admin())) == (403, "ROLE_DENIED")
    assert await registry.code(sender) == OBJECTED


async def test_an_objection_to_all_ends_at_all(registry: Driver, agent: Party, mandate: Json) -> None:
    person = {"type": "email", "value": f"p{uuid4().hex}@example.com"}
    made = await registry.objection(agent, mandate, "all", identifiers=[person])
    sender = await registry.controller()
    assert await registry.code(sender, person) == OBJECTED
    await withdraw(registry, made, agent)
    assert await registry.code(sender, person) == CLEAR


async def test_a_forged_objection_is_contested_by_one_admin_and_voided_by_another(
    registry: Driver, agent: Party, sender: Party, made: Json
) -> None:
    first, second = await registry.staff(), await registry.staff()
    contested = await void(registry, made, first)
    assert (contested.status_code, contested.json()["state"]) == (200, "contested")
    assert await registry.code(sender) == ("block", "OBJ_CONTESTED")
    assert refusal(await void(registry, made, first)) == (403, "SECOND_ADMIN_REQUIRED")
    assert await registry.code(sender) == ("block", "OBJ_CONTESTED")
    voided = await void(registry, made, second)
    assert (voided.status_code, voided.json()["state"]) == (200, "voided")
    assert await registry.code(sender) == CLEAR
    assert refusal(await void(registry, made, first)) == (409, "STATE_CONFLICT")
    assert refusal(await withdraw(registry, made, agent)) == (409, "STATE_CONFLICT")
    states = [state for _, state in await happened(registry, made, agent)]
    assert states == ["active", "contested", "voided"]
    positions = [int(one["as_of"].split(".")[0]) for one in (made, contested.json(), voided.json())]
    assert positions == [positions[0], positions[0] + 1, positions[0] + 2]


@pytest.mark.parametrize("role", ["customer_service", "sender"])
async def test_a_controller_never_voids_an_objection(
    registry: Driver, sender: Party, made: Json, role: str
) -> None:
    assert refusal(await void(registry, made, await registry.credential(sender.id, role))) == (
        403,
        "ROLE_DENIED",
    )
    assert await registry.code(sender) == OBJECTED


async def test_nobody_deletes_an_objection(registry: Driver, sender: Party, made: Json) -> None:
    admin = await registry.admin()
    answer = await registry.client.request("DELETE", f"/v1/objections/{made['id']}", headers=admin.headers)
    assert refusal(answer) == (405, "METHOD_NOT_ALLOWED")
    assert await registry.code(sender) == OBJECTED


async def test_what_there_is_not_is_answered_like_what_is_anothers(
    registry: Driver, agent: Party, sender: Party, made: Json
) -> None:
    other = await registry.agent()
    service = await registry.credential(sender.id, "customer_service")
    for path in ("", "/events"):
        nothing = await registry.get(f"/v1/objections/{uuid4()}{path}", agent)
        for who in (other, service):
            foreign = await registry.get(f"/v1/objections/{made['id']}{path}", who)
            assert refusal(foreign) == refusal(nothing) == (404, "NOT_FOUND")
            assert {**foreign.json(), "instance": ""} == {**nothing.json(), "instance": ""}
        denied = await registry.get(f"/v1/objections/{made['id']}{path}", sender)
        assert refusal(denied) == (403, "ROLE_DENIED")


@pytest.mark.parametrize("role", ["auditor", "admin"])
async def test_auditors_and_admins_may_read(registry: Driver, made: Json, role: str) -> None:
    reader = await registry.staff(role)
    assert (await registry.get(f"/v1/objections/{made['id']}", reader)).json() == made
    assert await happened(registry, made, reader) == [("objection.received", "active")]


async def test_an_auditor_only_reads(registry: Driver, made: Json) -> None:
    auditor = await registry.staff("auditor")
    assert refusal(await withdraw(registry, made, auditor)) == (403, "ROLE_DENIED")
    assert refusal(await void(registry, made, auditor)) == (403, "ROLE_DENIED")


async def test_events_are_paged_in_their_order_and_each_comes_once(
    registry: Driver, agent: Party, mandate: Json, sender: Party, made: Json
) -> None:
    for _ in range(4):
        assert (await registry.object_to(agent, mandate, [sender.id])).status_code == 200
    await withdraw(registry, made, agent)
    path = f"/v1/objections/{made['id']}/events"
    whole = (await registry.get(path, agent)).json()
    assert [event["kind"] for event in whole["items"]] == [
        "objection.received",
        *["objection.repeated"] * 4,
        "objection.withdrawn",
    ]
    assert whole["next_cursor"] is None
    found, cursor = [], ""
    while cursor is not None:
        page = (await registry.get(f"{path}?limit=4{cursor and f'&cursor={cursor}'}", agent)).json()
        found += page["items"]
        cursor = page["next_cursor"]
    assert found == whole["items"]
    broken = await registry.get(f"{path}?cursor=abc", agent)
    assert refusal(broken) == (422, "BAD_CURSOR")


async def test_events_hold_no_identifier(registry: Driver, agent: Party, made: Json) -> None:
    text = (await registry.get(f"/v1/objections/{made['id']}/events", agent)).text
    assert PHONE[1:] not in text
