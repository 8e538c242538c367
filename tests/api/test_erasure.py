"""Erase what you hold about me: nothing can be read any more, and everything blocks as before."""

from secrets import token_hex
from typing import Any

import httpx2

from tests.registry_driver import Driver, Json, Party, email

WHY = "Request 2026-118"


async def admins(registry: Driver) -> tuple[Party, Party]:
    return await registry.staff(), await registry.staff()


async def erase(registry: Driver, admin: Party, *identifiers: Json, **headers: str) -> httpx2.Response:
    body = {"identifiers": list(identifiers), "reason": WHY}
    return await registry.post("/v1/subjects/erase", body, admin, **headers)


async def erased(registry: Driver, *identifiers: Json) -> Json:
    """By two admins, one after the other."""
    for admin, status in zip(await admins(registry), (202, 200), strict=True):
        answer = await erase(registry, admin, *identifiers)
        assert answer.status_code == status, answer.text
    made: Json = answer.json()
    return made


async def entered(registry: Driver, desk: Party, who: Json, **fields: Any) -> Json:
    answer = await registry.enter(desk, who, reference="she called", **fields)
    made: Json = answer.json()
    return made


async def test_an_erased_entry_is_a_tombstone_that_still_blocks(registry: Driver) -> None:
    desk, who = await registry.controller("customer_service"), email()
    entry = await entered(registry, desk, who)
    before = await registry.look_up(desk, who, channel="email")
    done = await erased(registry, who)
    assert done["state"] == "erased"
    assert {one["what"]: one["count"] for one in done["erased"]} == {
        "plain_identifiers": 1,
        "statements": 1,
        "stored_answers": None,
    }
    assert {one["what"] for one in done["kept"]} == {"entries", "fingerprints", "events", "at_controllers"}
    assert all(one["law"].startswith("GDPR Art. ") for one in done["kept"])
    shown = (await registry.get(f"/v1/entries/{entry['id']}", desk)).json()
    assert (shown["state"], shown["identifier"]["canonical"], shown["identifier"]["erased"]) == (
        "tombstoned",
        None,
        True,
    )
    assert (shown["since"], shown["channels"], shown["kind"]) == (entry["since"], "all", "dnc")
    after = await registry.look_up(desk, who, channel="email")
    assert after["results"] == before["results"]
    assert after["results"][0]["code"] == "DNC_INTERNAL"
    found = (await registry.post("/v1/entries/search", {"identifier": who}, desk)).json()["items"]
    assert [one["state"] for one in found] == ["tombstoned"]


async def test_one_admin_alone_erases_nobody(registry: Driver) -> None:
    desk, who = await registry.controller("customer_service"), email()
    entry = await entered(registry, desk, who)
    first, _ = await admins(registry)
    assert (await erase(registry, first, who)).json()["state"] == "requested"
    again = await erase(registry, first, who)
    assert (again.status_code, again.json()["code"]) == (403, "SECOND_ADMIN_REQUIRED")
    shown = (await registry.get(f"/v1/entries/{entry['id']}", desk)).json()
    assert (shown["state"], shown["identifier"]["canonical"]) == ("active", who["value"])


async def test_nobody_else_erases(registry: Driver) -> None:
    desk, agent = await registry.controller("customer_service"), await registry.agent()
    for party in (desk, agent, await registry.staff("auditor")):
        answer = await erase(registry, party, email())
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")


async def test_the_second_admin_may_spell_and_order_the_identifiers_otherwise(registry: Driver) -> None:
    desk, who = await registry.controller("customer_service"), email()
    await entered(registry, desk, who)
    number = {"type": "phone", "value": "070-174 06 81", "region": "SE"}
    first, second = await admins(registry)
    assert (await erase(registry, first, who, number)).status_code == 202
    other = {"type": "email", "value": who["value"].upper()}
    done = await erase(registry, second, {"type": "phone", "value": "+46 70 174 06 81"}, other)
    assert done.json()["state"] == "erased"


async def test_an_erasure_of_other_identifiers_is_another_one(registry: Driver) -> None:
    desk, who, more = await registry.controller("customer_service"), email(), email()
    await entered(registry, desk, who)
    await entered(registry, desk, more)
    first, second = await admins(registry)
    await erase(registry, first, who)
    assert (await erase(registry, second, who, more)).json()["state"] == "requested"


async def test_who_is_not_held_needs_no_second_admin_and_leaves_no_trace_of_themselves(
    registry: Driver,
) -> None:
    first, _ = await admins(registry)
    answer = await erase(registry, first, email())
    assert (answer.status_code, answer.json()["state"]) == (200, "nothing_held")
    assert answer.json()["erased"] == []


async def test_an_identifier_that_cannot_be_read_is_not_passed_over(registry: Driver) -> None:
    first, _ = await admins(registry)
    answer = await erase(registry, first, email(), {"type": "phone", "value": "see notes"})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_IDENTIFIER")
    assert "/identifiers/1" in answer.json()["detail"]


async def test_what_is_done_is_answered_again_and_done_once(registry: Driver) -> None:
    desk, who = await registry.controller("customer_service"), email()
    await entered(registry, desk, who)
    done = await erased(registry, who)
    first, second = await admins(registry)
    for admin in (first, second, second):
        again = await erase(registry, admin, who)
        assert again.status_code == 200
        assert again.json() == done


async def test_a_key_of_the_act_gets_the_same_answer_again(registry: Driver) -> None:
    desk, who = await registry.controller("customer_service"), email()
    await entered(registry, desk, who)
    for admin in await admins(registry):
        key = token_hex(8)
        answers = [await erase(registry, admin, who, Idempotency_Key=key) for _ in range(2)]
        assert answers[0].content == answers[1].content
        assert answers[1].headers["Idempotency-Replayed"] == "true"


async def test_who_comes_back_is_read_again_and_what_was_erased_stays_erased(registry: Driver) -> None:
    desk, who = await registry.controller("customer_service"), email()
    said: Json = {"kinds": ["art21_2"], "channels": "all", "controllers": [desk.id], "identifiers": [who]}
    said |= {"origin": "self", "evidence": {"method": "call", "reference": "4711"}}
    first = await registry.post("/v1/objections", said, desk, Idempotency_Key=token_hex(8))
    await erased(registry, who)
    again = await registry.post("/v1/objections", said, desk, Idempotency_Key=token_hex(8))
    assert (first.status_code, again.status_code) == (201, 201)
    shown = [
        (await registry.get(f"/v1/objections/{made.json()['id']}", desk)).json()["identifiers"][0]
        for made in (first, again)
    ]
    assert [(one["canonical"], one["erased"]) for one in shown] == [(None, True), (who["value"], False)]
    assert (await registry.code(desk, who, channel="email")) == ("block", "OBJ_DM")
    first_admin, second_admin = await admins(registry)
    assert (await erase(registry, first_admin, who)).json()["state"] == "requested"
    assert (await erase(registry, second_admin, who)).json()["state"] == "erased"
    read = (await registry.get(f"/v1/objections/{again.json()['id']}", desk)).json()
    assert read["identifiers"][0]["erased"]


async def test_what_an_agent_sends_again_by_itself_brings_nothing_back(registry: Driver) -> None:
    sender, agent = await registry.controller(), await registry.agent()
    grantor = {"type": "personal_number", "value": "196408233234", "country": "SE", "name": "Per Test"}
    mandate = await registry.mandate(agent, grantor=grantor)
    who = [email()]
    made = await registry.objection(agent, mandate, [sender.id], identifiers=who)
    person = {"type": "personal_number", "value": "19640823-3234", "region": "SE"}
    await erased(registry, person)
    again = await registry.object_to(agent, mandate, [sender.id], identifiers=who)
    assert (again.status_code, again.json()["duplicate_of"]) == (200, made["id"])
    assert [(one["canonical"], one["erased"]) for one in again.json()["identifiers"]] == [(None, True)]
    shown = (await registry.get(f"/v1/objections/{made['id']}", agent)).json()
    assert shown["identifiers"][0]["erased"]
    assert shown["receipt"] is None
    read = (await registry.get(f"/v1/mandates/{mandate['id']}", agent)).json()
    assert read["identifiers"][0]["erased"]
    assert (read["state"], read["claims_digest"], read["reference"]) == ("active", None, None)
