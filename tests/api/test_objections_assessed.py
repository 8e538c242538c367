"""Weighing general objections: by their controller, with reasons, and never one to direct marketing."""

from secrets import token_hex

import httpx2

from tests.registry_driver import Driver, Json, Party, email

REJECTED = {"outcome": "rejected", "reasons": "A claim that is in court"}
UPHELD = {"outcome": "upheld", "reasons": "Nothing weighs more"}


async def objects(registry: Driver, desk: Party, who: Json, *kinds: str) -> Json:
    said: Json = {"kinds": kinds, "channels": "all", "controllers": [desk.id], "identifiers": [who]}
    said |= {"origin": "self", "evidence": {"method": "letter", "reference": "4711"}}
    answer = await registry.post("/v1/objections", said, desk, Idempotency_Key=token_hex(8))
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def weigh(registry: Driver, desk: Party, objection: Json, said: Json) -> httpx2.Response:
    return await registry.post(f"/v1/objections/{objection['id']}/assess", said, desk)


async def research(registry: Driver, desk: Party, who: Json) -> str:
    return (await registry.code(desk, who, channel="email", purpose="research"))[1]


async def test_a_general_objection_stops_research_until_it_is_rejected(registry: Driver) -> None:
    desk, who = await registry.controller("customer_service"), email()
    made = await objects(registry, desk, who, "art21_1")
    assert await research(registry, desk, who) == "OBJ_GENERAL"
    assert (await weigh(registry, desk, made, UPHELD)).status_code == 200
    assert await research(registry, desk, who) == "OBJ_GENERAL"
    rejected = await weigh(registry, desk, made, REJECTED)
    assert rejected.json()["as_of"] != made["as_of"]
    assert await research(registry, desk, who) == "RESEARCH"
    assert (await registry.code(desk, who, channel="email"))[1] == "OBJ_GENERAL"
    assert (await weigh(registry, desk, made, UPHELD)).status_code == 200
    assert await research(registry, desk, who) == "OBJ_GENERAL"


async def test_an_objection_to_direct_marketing_is_never_weighed(registry: Driver) -> None:
    desk, who = await registry.controller("customer_service"), email()
    made = await objects(registry, desk, who, "art21_2")
    answer = await weigh(registry, desk, made, REJECTED)
    assert (answer.status_code, answer.json()["code"]) == (409, "STATE_CONFLICT")
    both = email()
    made = await objects(registry, desk, both, "art21_1", "art21_2")
    assert (await weigh(registry, desk, made, REJECTED)).status_code == 200
    assert (await registry.code(desk, both, channel="email"))[1] == "OBJ_DM"


async def test_nobody_weighs_an_objection_at_another_controller(registry: Driver) -> None:
    desk, other = [await registry.controller("customer_service") for _ in range(2)]
    who = email()
    made = await objects(registry, desk, who, "art21_1")
    answer = await weigh(registry, other, made, REJECTED)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert (await weigh(registry, await registry.admin(), made, REJECTED)).status_code == 403
    assert await research(registry, desk, who) == "OBJ_GENERAL"


async def test_an_objection_that_was_withdrawn_is_not_weighed(registry: Driver) -> None:
    desk, who = await registry.controller("customer_service"), email()
    made = await objects(registry, desk, who, "art21_1")
    evidence = {"evidence": {"method": "call", "reference": "4712"}}
    await registry.post(f"/v1/objections/{made['id']}/withdraw", evidence, desk)
    answer = await weigh(registry, desk, made, REJECTED)
    assert (answer.status_code, answer.json()["code"]) == (409, "STATE_CONFLICT")


async def test_an_assessment_needs_reasons(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    made = await objects(registry, desk, email(), "art21_1")
    assert (await weigh(registry, desk, made, {"outcome": "rejected"})).status_code == 422


async def to_all(registry: Driver, who: Json) -> Json:
    """An admin receives a person's general objection to all controllers."""
    said: Json = {"kinds": ["art21_1"], "channels": "all", "controllers": "all", "identifiers": [who]}
    said |= {"origin": "self", "evidence": {"method": "letter", "reference": "4711"}}
    admin = await registry.admin()
    answer = await registry.post("/v1/objections", said, admin, Idempotency_Key=token_hex(8))
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def test_each_controller_weighs_an_objection_to_all_for_itself_alone(registry: Driver) -> None:
    desk, other = [await registry.controller("customer_service") for _ in range(2)]
    who = email()
    made = await to_all(registry, who)
    found = (await registry.post("/v1/entries/search", {"identifier": who}, desk)).json()["items"]
    assert [(one["scope"], one["objection_id"]) for one in found] == [("all", made["id"])]
    answer = await weigh(registry, desk, made, REJECTED)
    assert answer.status_code == 200, answer.text
    fresh = await registry.look_up(
        desk, who, channel="email", purpose="research", min_as_of=answer.json()["as_of"]
    )
    assert fresh["results"][0]["code"] == "RESEARCH"
    assert await research(registry, other, who) == "OBJ_GENERAL"
    assert (await registry.code(desk, who, channel="email"))[1] == "OBJ_GENERAL", "for marketing it stands"
    assert (await weigh(registry, other, made, REJECTED)).status_code == 200
    assert (await weigh(registry, desk, made, UPHELD)).status_code == 200
    assert [await research(registry, one, who) for one in (desk, other)] == ["OBJ_GENERAL", "RESEARCH"]


async def test_an_objection_to_all_that_was_weighed_blocks_again_while_it_is_contested(
    registry: Driver,
) -> None:
    desk, who = await registry.controller("customer_service"), email()
    made = await to_all(registry, who)
    await weigh(registry, desk, made, REJECTED)
    assert await research(registry, desk, who) == "RESEARCH"
    reason = {"reason": "forged"}
    await registry.post(f"/v1/objections/{made['id']}/void", reason, await registry.admin())
    assert await research(registry, desk, who) == "OBJ_GENERAL"
    answer = await weigh(registry, desk, made, REJECTED)
    assert (answer.status_code, answer.json()["code"]) == (409, "STATE_CONFLICT")


async def test_who_weighs_what_others_posted_is_told_nothing_of_the_person(registry: Driver) -> None:
    desk, who = await registry.controller("customer_service"), email()
    made = await to_all(registry, who)
    answer = await weigh(registry, desk, made, UPHELD)
    shown = answer.json()
    assert (shown["identifiers"], shown["receipt"], shown["mandate_id"]) == ([], None, None)
    assert [one["controller_id"] for one in shown["controllers"]] == ["all"]
    assert who["value"] not in answer.text
    assert (await registry.get(f"/v1/objections/{made['id']}", desk)).status_code == 404
