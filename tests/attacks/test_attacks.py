"""What a hostile agent, a careless sender and a nosy controller try over HTTP, and what holds against it."""

import asyncio
import json
from pathlib import Path
from secrets import token_hex

import pytest

from tests.registry_driver import EMAIL, PHONE, Driver, Json, Party

CLEAR = ("allow", "NO_OBJECTION_FOUND")
UNKNOWN = "0198b1de-0000-7000-8000-000000000000"
EVIDENCE = {"method": "agent", "reference": "said so in the app"}
ROLES = frozenset({"sender", "customer_service", "agent", "source", "admin", "auditor"})
DOCUMENT: Json = json.loads((Path(__file__).parents[2] / "openapi" / "openapi.json").read_text("utf-8"))

PHONES = (
    "0046701740605",
    "0701740605",
    "701740605",
    "46701740605",
    "+46 (0)70-174 06 05",
    "+460701740605",
    "+0046701740605",
    "TEL:+46-70-174-06-05",
    "\uff10\uff17\uff10\uff11\uff17\uff14\uff10\uff16\uff10\uff15",
    "\u0660\u0667\u0660\u0661\u0667\u0664\u0660\u0666\u0660\u0665",
    "\u202d+46\u00a070\u2011174\u200b0605\u202c",
    "+46701740605 ext 12",
    "+46701740605,0701740606",
    "++46701740605",
    "+4670174060\u2075",
    "07O1740605",
    "'+46701740605",
    "46701740605.0",
    "4.6701740605E10",
    "*31#0701740605",
    "+46\u0332701740605",
)
EMAILS = (
    "ANNA.TEST@EXAMPLE.COM.",
    "Anna <anna.test@example.com>",
    "MAILTO:anna.test@example.com?subject=x",
    "anna.test+sale@example.com",
    "anna.test\uff20example.com",
    "anna.test@\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\u3002com",
    "anna\u200b.test@exam\u00adple.com",
    '"anna.test"@example.com',
    "anna.test(c)@example.com",
    "anna.test@example.com, bo@example.com",
    "anna.te\u017ft@example.com",
)
JUNK: tuple[object, ...] = (
    *(None, True, 1, 1.5, "", "\u2028", "a" * 70_000, [], {}, {"all": []}, {"all": "x"}, {"all": [None]}),
    {"all": [{"all": []}]},
    {"all": [{"type": "phone", "value": "+46701740606"}, {"type": "phone", "value": "junk"}]},
    {"all": [{"type": "phone", "value": "+46701740606"}] * 17},
    {"all": [{"type": "phone", "value": "+46701740606"}], "also": 1},
    {"type": "Phone", "value": "+46701740606"},
    {"type": "phone", "sha256": None},
    {"type": "phone", "sha256": "sha256:" + "a" * 57},
    {"type": "phone", "value": "+46701740606", "sha256": "a" * 64},
    {"type": "phone", "value": {"number": "+46701740606"}},
    {"type": "phone", "value": "0701740606", "region": "Sweden"},
    {"type": "postal_address", "value": {"name": {}, "street": [1]}},
)


@pytest.fixture
async def agent(registry: Driver) -> Party:
    return await registry.agent()


@pytest.fixture
async def mandate(registry: Driver, agent: Party) -> Json:
    return await registry.mandate(agent, rights=["object_dm", "withdraw_objection"])


@pytest.fixture
async def sender(registry: Driver) -> Party:
    return await registry.controller()


@pytest.mark.parametrize("region", ["SE", "NO", None])
async def test_no_spelling_of_a_number_gets_past_an_objection(
    registry: Driver, agent: Party, mandate: Json, sender: Party, region: str | None
) -> None:
    await registry.objection(agent, mandate, [sender.id])
    answers = (await registry.look_up(sender, *PHONES, region=region))["results"]
    assert [PHONES[one["index"]] for one in answers if one["decision"] == "allow"] == []
    if region == "SE":
        assert {one["code"] for one in answers[:11]} == {"OBJ_DM"}


async def test_no_spelling_of_an_address_gets_past_an_objection(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    await registry.objection(agent, mandate, [sender.id], identifiers=[{"type": "email", "value": EMAIL}])
    answers = (await registry.look_up(sender, *EMAILS, channel="email"))["results"]
    assert [EMAILS[one["index"]] for one in answers if one["decision"] == "allow"] == []


async def test_what_cannot_be_read_is_blocked_alone_and_the_rest_is_answered(
    registry: Driver, sender: Party
) -> None:
    answer = await registry.look_up(sender, PHONE, *JUNK, PHONE)
    first, *unreadable, last = [(one["decision"], one["code"]) for one in answer["results"]]
    assert (first, last) == (CLEAR, CLEAR)
    assert set(unreadable) == {("block", "INPUT_INVALID")}
    assert answer["counts"]["invalid"] == len(JUNK)


async def test_one_of_two_grounds_taken_back_leaves_the_other_in_force(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    second = await registry.mandate(agent)
    stays = {"identifiers": [{"type": "email", "value": f"{token_hex(8)}@example.com"}]}
    address = stays["identifiers"][0]
    everywhere = await registry.objection(agent, mandate, "all", **stays)
    await registry.objection(agent, second, [sender.id], **stays)
    gone = await registry.post(f"/v1/objections/{everywhere['id']}/withdraw", {"evidence": EVIDENCE}, agent)
    assert gone.json()["state"] == "withdrawn"
    assert await registry.code(sender, address) == ("block", "OBJ_DM")
    assert await registry.code(await registry.controller(), address) == CLEAR


async def test_whoever_was_told_that_it_is_active_after_a_race_is_blocked(
    registry: Driver, agent: Party, mandate: Json
) -> None:
    """A withdrawal races the same will posted anew: the lookup says what the objections themselves say."""
    for _ in range(3):
        sender = await registry.controller()
        first = await registry.objection(agent, mandate, [sender.id])
        taken_back, *posted = await asyncio.gather(
            registry.post(f"/v1/objections/{first['id']}/withdraw", {"evidence": EVIDENCE}, agent),
            *(registry.object_to(agent, mandate, [sender.id]) for _ in range(4)),
        )
        assert taken_back.status_code == 200
        ids = {first["id"], *(one.json()["id"] for one in posted)}
        states = {(await registry.get(f"/v1/objections/{one}", agent)).json()["state"] for one in ids}
        decision, _code = await registry.code(sender)
        assert decision == ("block" if "active" in states else "allow")


@pytest.mark.parametrize("path", ["", "/events", "/withdraw", "/identifiers"])
async def test_anothers_objection_is_answered_like_none_in_every_member(
    registry: Driver, agent: Party, mandate: Json, sender: Party, path: str
) -> None:
    theirs = await registry.objection(agent, mandate, [sender.id])
    spy = await registry.agent()
    bodies = {
        "/withdraw": {"evidence": EVIDENCE},
        "/identifiers": {"identifiers": [{"type": "email", "value": EMAIL}]},
    }
    answers = [
        await registry.post(f"/v1/objections/{one}{path}", bodies[path], spy)
        if path in bodies
        else await registry.get(f"/v1/objections/{one}{path}", spy)
        for one in (theirs["id"], UNKNOWN)
    ]
    told = [{**one.json(), "instance": None, "status": one.status_code} for one in answers]
    assert told[0] == told[1]
    assert told[0]["code"] == "NOT_FOUND"


async def test_anothers_mandate_is_refused_like_none_in_every_member(
    registry: Driver, mandate: Json, sender: Party
) -> None:
    spy = await registry.agent()
    answers = [await registry.object_to(spy, {"id": one}, [sender.id]) for one in (mandate["id"], UNKNOWN)]
    told = [{**one.json(), "instance": None} for one in answers]
    assert told[0] == told[1]
    assert told[0]["code"] == "MANDATE_NOT_FOUND"


async def test_every_role_that_an_operation_does_not_name_is_denied_before_its_body_is_read(
    registry: Driver, agent: Party, sender: Party
) -> None:
    callers = {
        "agent": agent,
        "sender": sender,
        "customer_service": await registry.desk(sender),
        "source": await registry.source(),
        "admin": await registry.admin(),
        "auditor": await registry.staff("auditor"),
    }
    tried = 0
    for template, operations in DOCUMENT["paths"].items():
        path = "/".join(UNKNOWN if part.startswith("{") else part for part in template.split("/"))
        for method, operation in operations.items():
            for role in ROLES - set(operation.get("x-roles", ROLES)):
                tried += 1
                answer = await registry.client.request(
                    method, path, content=b"{not json", headers=callers[role].headers
                )
                assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED"), (role, template)
    assert tried > len(ROLES)


async def test_a_receipt_is_no_token_and_a_token_is_no_receipt(registry: Driver, sender: Party) -> None:
    receipt = (await registry.look_up(sender, PHONE))["receipt"]
    headers = {"Authorization": f"Bearer {receipt}"}
    assert (await registry.client.get("/v1/controllers", headers=headers)).status_code == 401
    verified = await registry.post("/v1/receipts/verify", {"receipt": sender.token})
    assert (verified.json()["valid"], verified.json()["claims"]) == (False, None)


async def test_a_cursor_of_one_agent_shows_another_nothing_but_its_own(registry: Driver) -> None:
    pages = []
    for _ in range(2):
        agent = await registry.agent()
        mine = {(await registry.mandate(agent))["id"] for _ in range(2)}
        page = (await registry.client.get("/v1/mandates?limit=1", headers=agent.headers)).json()
        pages.append((agent, mine, page["next_cursor"]))
    for (agent, mine, _), (_, _, cursor) in zip(pages, reversed(pages), strict=True):
        answer = await registry.client.get("/v1/mandates", params={"cursor": cursor}, headers=agent.headers)
        assert {one["id"] for one in answer.json()["items"]} <= mine
