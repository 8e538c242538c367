"""What no role, no purchase and no wording gets around, black box."""

import json
from typing import Any

import httpx2
import pytest

from tests.registry_driver import GIVEN, Driver, Json, Party, email, question

DENIED = (403, "ROLE_DENIED")
OBJECTED = ("block", "OBJ_DM")
SINCE = {"since": "2026-01-01T00:00:00Z"}
SALE: Json = dict.fromkeys(("collected_in_sale", "informed", "could_refuse"), True)
OWN: Json = {"channel": "email", "offer": {"own_similar": True}}


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def objected(registry: Driver, controller: Party, person: Json, **fields: Any) -> Json:
    """What customer service was told by the person."""
    body: Json = {"kinds": ["art21_2"], "controllers": [controller.id], "identifiers": [person]}
    body |= {
        "origin": "self",
        "channels": "all",
        "evidence": {"method": "call", "reference": "c-1"},
        **fields,
    }
    desk = await registry.desk(controller)
    answer = await registry.post("/v1/objections", body, desk, Idempotency_Key=email()["value"])
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def test_salespeople_cannot_enter_anybody(registry: Driver) -> None:
    sender, person = await registry.controller(), email()
    processor = await registry.processor(sender)
    entry = {"kind": "dnc", "identifier": person}
    consent = {"identifier": person, "channels": ["sms"], "purposes": ["marketing"], **GIVEN}
    member = {"identifier": person, "kind": "member", **SINCE}
    own: Json = {"kinds": ["art21_2"], "controllers": [sender.id], "identifiers": [person], "channels": "all"}
    own |= {"origin": "self", "evidence": {"method": "call", "reference": "c-1"}}
    for caller in (sender, processor):
        for path, item in (
            ("entries", entry),
            ("consents", consent),
            ("relationships", member),
            ("objections", own),
        ):
            for at, body in ((f"/v1/{path}", item), (f"/v1/{path}/batch", {"items": [item]})):
                assert refusal(await registry.post(at, body, caller, Idempotency_Key="k")) == DENIED, at
        assert (
            refusal(await registry.post(f"/v1/sources/{sender.id}/blocks", {"identifier": person}, caller))
            == DENIED
        )
        csv = {**caller.headers, "Content-Type": "text/csv"}
        file = f"email,created\n{person['value']},1\n".encode()
        assert refusal(await registry.client.post("/v1/imports", content=file, headers=csv)) == DENIED
    assert await registry.code(sender, person) == ("allow", "NO_OBJECTION_FOUND")


async def test_agents_cannot_look_anybody_up(registry: Driver) -> None:
    sender, agent, person = await registry.controller(), await registry.agent(), email()
    made = await objected(registry, sender, person)
    for entitled in (sender.id, agent.id):
        body = question(entitled, person)
        for method in ("POST", "QUERY"):
            answer = await registry.client.request(method, "/v1/lookups", json=body, headers=agent.headers)
            assert refusal(answer) == DENIED
    entry = made["controllers"][0]["entry_ids"][0]
    found = (await registry.look_up(sender, person))["lookup_id"]
    asked = {"identifier": person}
    for answer in (
        await registry.post("/v1/entries/search", asked, agent),
        await registry.get(f"/v1/entries/{entry}", agent),
        await registry.get(f"/v1/receipts/{found}", agent),
        await registry.post("/v1/unsubscribe-links", {**asked, "channels": ["email"]}, agent),
        await registry.get(f"/v1/controllers/{sender.id}", agent),
    ):
        assert refusal(answer) == DENIED


async def test_an_agent_does_not_learn_from_an_objection_whether_somebody_is_known(registry: Driver) -> None:
    nf, agent, known, unknown = await registry.controller(), await registry.agent(), email(), email()
    desk = await registry.desk(nf)
    await registry.relationship(desk, known)
    await registry.consent(desk, known)
    mandate = await registry.mandate(agent, identifiers=[known, unknown])
    made = [await registry.objection(agent, mandate, [nf.id], identifiers=[one]) for one in (known, unknown)]
    told = [
        json.dumps({k: v for k, v in one.items() if k in {"state", "kinds", "refused", "channels"}})
        for one in made
    ]
    assert told[0] == told[1]
    assert [list(one) for one in made] == [list(made[0])] * 2


async def test_a_broker_blocks_only_for_itself(registry: Driver) -> None:
    source, other, sender, person = (
        await registry.source(),
        await registry.source(),
        await registry.controller(),
        email(),
    )
    for target in (other.id, sender.id):
        for rest, body in (("", {"identifier": person}), ("/batch", {"items": [{"identifier": person}]})):
            answer = await registry.post(f"/v1/sources/{target}/blocks{rest}", body, source)
            assert refusal(answer) == (404, "NOT_FOUND")
    assert (await registry.block_at(source, person)).status_code == 201
    assert await registry.code(sender, person, source={"id": source.id}) == ("block", "SOURCE_BLOCKED")
    for named in (None, {"id": other.id}, {"kind": "own"}):
        assert await registry.code(sender, person, source=named) == ("allow", "NO_OBJECTION_FOUND")
    assert refusal(await registry.enter(source, person)) == DENIED
    assert refusal(await registry.ask(Party(sender.id, "source", {}, source.token), person)) == DENIED


async def test_a_processor_asks_only_for_whom_it_acts(registry: Driver) -> None:
    mine, foreign, person = await registry.controller(), await registry.controller(), email()
    processor = await registry.processor(mine)
    await objected(registry, mine, person)
    asked = await registry.post("/v1/lookups", question(mine.id, person), processor)
    assert asked.json()["results"][0]["code"] == "OBJ_DM"
    unknown = "01920000-0000-7000-8000-000000000000"
    told = []
    for controller in (foreign.id, unknown, processor.id):
        answer = await registry.post("/v1/lookups", question(controller, person), processor)
        assert refusal(answer) == (403, "AUTH_CONTROLLER")
        told.append({k: v for k, v in answer.json().items() if k != "instance"})
    assert told == [told[0]] * 3, "a foreign controller cannot be told from an unknown one"


@pytest.mark.parametrize("basis", ["asserted", "recorded"])
async def test_no_purchase_soft_opt_in_or_rejoined_club_lifts_an_objection(
    registry: Driver, basis: str
) -> None:
    nf, person, other = await registry.controller(policy={"basis": basis}), email(), email()
    desk = await registry.desk(nf)
    await registry.relationship(desk, other)
    assert (await registry.code(nf, other, **OWN))[0] == "allow", "a customer who did not object"
    await objected(registry, nf, person)
    bought = await registry.relationship(desk, person)
    assert await registry.code(nf, person, **OWN) == OBJECTED
    club = await registry.relationship(desk, person, kind="member")
    await registry.post(f"/v1/relationships/{club['id']}/end", {}, desk)
    await registry.relationship(desk, person, kind="member", since="2026-11-01T00:00:00Z")
    assert await registry.code(nf, person, **OWN) == OBJECTED
    await registry.post(f"/v1/relationships/{bought['id']}/end", {}, desk)
    await registry.relationship(desk, person, since="2026-11-02T00:00:00Z", **SALE)
    for asked in (OWN, {"channel": "sms"}, {"channel": "voice_live"}, {"channel": "audience_upload"}):
        assert await registry.code(nf, person, **asked) == OBJECTED
    assert await registry.code(nf, person, purpose="winback", **OWN) == OBJECTED
    assert await registry.code(nf, person, purpose="service") == ("allow", "SERVICE")


async def test_political_is_not_societal_information(registry: Driver) -> None:
    person, body = email(), await registry.controller(public_body=True)
    party = await registry.controller(sector="party")
    assert await registry.code(body, person, purpose="societal_public") == ("allow", "SOCIETAL_INFO")
    for asker, purpose in ((party, "societal_public"), (party, "political"), (body, "political")):
        found = await registry.code(asker, person, purpose=purpose)
        assert found == ("block", "POLITICAL_NO_BASIS"), (asker.role, purpose)
    await objected(registry, body, person)
    assert await registry.code(body, person, purpose="societal_public") == ("allow", "SOCIETAL_INFO")
    assert await registry.code(body, person, purpose="societal_public", promo=True) == OBJECTED


async def test_who_objects_to_politics_gets_none_as_societal_information(registry: Driver) -> None:
    party, person = await registry.controller(policy={"political": "legacy_2022"}), email()
    assert await registry.code(party, person, purpose="societal_public") == ("allow", "POLITICAL_INFO")
    await objected(registry, party, person, kinds=["art21_1"], purposes=["political"])
    for purpose in ("political", "societal_public"):
        assert (await registry.code(party, person, purpose=purpose))[0] == "block"
