"""A person tells the controller's customer service: an objection with origin `self`, on evidence."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.registry_driver import PHONE, Driver, Json, Party

OBJECTED = ("block", "OBJ_DM")
CLEAR = ("allow", "NO_OBJECTION_FOUND")
EVIDENCE = {"method": "call", "reference": "call 17"}


@pytest.fixture
async def service(registry: Driver) -> Party:
    return await registry.controller("customer_service")


def told(controller: str, **fields: Any) -> Json:
    base = {"origin": "self", "kinds": ["art21_2"], "controllers": [controller], "evidence": EVIDENCE}
    return {**base, "identifiers": [{"type": "phone", "value": "070-174 06 05", "region": "SE"}], **fields}


async def tell(registry: Driver, who: Party, **fields: Any) -> httpx2.Response:
    key = {"Idempotency_Key": uuid4().hex}
    return await registry.post("/v1/objections", told(who.id, **fields), who, **key)


async def received(registry: Driver, who: Party, **fields: Any) -> Json:
    answer = await tell(registry, who, **fields)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_what_the_person_says_is_active_at_once_whatever_level_is_asked_of_mandates(
    registry: Driver,
) -> None:
    strict = await registry.controller("customer_service", policy={"minimum_level": "L4"})
    made = await received(registry, strict)
    assert (made["state"], made["origin"], made["mandate_id"]) == ("active", "self", None)
    assert made["identifiers"][0]["canonical"] == PHONE
    assert await registry.code(strict) == OBJECTED


async def test_it_takes_evidence(registry: Driver, service: Party) -> None:
    assert refusal(await tell(registry, service, evidence=None)) == (403, "EVIDENCE_REQUIRED")
    assert await registry.code(service) == CLEAR


async def test_customer_service_does_not_speak_as_an_agent(registry: Driver, service: Party) -> None:
    assert refusal(await tell(registry, service, origin=None)) == (403, "ROLE_DENIED")
    assert refusal(await tell(registry, service, origin="agent")) == (403, "ROLE_DENIED")


async def test_customer_service_speaks_for_its_own_controller_only(registry: Driver, service: Party) -> None:
    other = await registry.controller()
    for foreign in ([other.id], [f"org:{other.extra['org_no']}"], "all", [str(uuid4())]):
        assert refusal(await tell(registry, service, controllers=foreign)) == (403, "AUTH_CONTROLLER")
    both = await received(registry, service, controllers=[other.id, f"org:{service.extra['org_no']}"])
    assert both["refused"] == [{"part": "controller", "value": other.id, "code": "AUTH_CONTROLLER"}]
    assert (await registry.code(service), await registry.code(other)) == (OBJECTED, CLEAR)


async def test_an_admin_takes_in_what_a_person_says_to_all(registry: Driver, service: Party) -> None:
    admin, person = await registry.admin(), {"type": "email", "value": f"p{uuid4().hex}@example.com"}
    body = told("", controllers="all", identifiers=[person])
    answer = await registry.post("/v1/objections", body, admin, Idempotency_Key=uuid4().hex)
    assert answer.json()["state"] == "active", answer.text
    assert await registry.code(service, person) == OBJECTED


async def test_any_identifier_of_the_person_is_accepted(registry: Driver, service: Party) -> None:
    number = {"type": "personal_number", "value": "200002292399"}
    made = await received(registry, service, identifiers=[number])
    assert made["identifiers"][0]["control"] == "shown"
    assert await registry.code(service, number) == OBJECTED


async def test_a_general_objection_stops_what_rests_on_interests_and_no_contract_mail(
    registry: Driver, service: Party
) -> None:
    made = await received(registry, service, kinds=["art21_1"])
    assert (made["kinds"], made["purposes"]) == (["art21_1"], "all")
    for purpose in ("research", "marketing", "political"):
        assert await registry.code(service, purpose=purpose) == ("block", "OBJ_GENERAL")
    assert await registry.code(service, purpose="service") == ("allow", "SERVICE")


async def test_a_general_objection_is_not_narrowed_by_one_to_marketing_beside_it(
    registry: Driver, service: Party
) -> None:
    made = await received(registry, service, kinds=["art21_2", "art21_1"])
    assert (made["kinds"], made["purposes"]) == (["art21_2", "art21_1"], "all")
    assert len(made["controllers"][0]["entry_ids"]) == 2
    assert await registry.code(service) == OBJECTED
    assert await registry.code(service, purpose="research") == ("block", "OBJ_GENERAL")
    assert await registry.code(service, purpose="service") == ("allow", "SERVICE")


@pytest.mark.parametrize(("purpose", "other"), [("political", "research"), ("research", "political")])
async def test_an_objection_to_one_purpose_stops_that_purpose(
    registry: Driver, service: Party, purpose: str, other: str
) -> None:
    made = await received(registry, service, kinds=["art21_1"], purposes=[purpose])
    assert made["purposes"] == [purpose]
    assert await registry.code(service, purpose=purpose, channel="voice_live") == ("block", "OBJ_SCOPE")
    assert (await registry.code(service, purpose=other, channel="voice_live"))[0] == "allow"
    assert await registry.code(service) == CLEAR


async def test_what_is_more_than_an_objection_is_refused_and_the_rest_stands(
    registry: Driver, service: Party
) -> None:
    made = await received(registry, service, kinds=["access", "art21_2"])
    assert made["refused"] == [{"part": "kind", "value": "access", "code": "MANDATE_SCOPE"}]
    assert refusal(await tell(registry, service, kinds=["erasure"])) == (403, "MANDATE_SCOPE")


async def test_customer_service_takes_it_back_on_evidence_and_adds_to_it(
    registry: Driver, service: Party
) -> None:
    made, path = await received(registry, service), "/v1/objections"
    added = {"identifiers": [{"type": "phone", "value": "+46701740610"}]}
    assert (await registry.post(f"{path}/{made['id']}/identifiers", added, service)).status_code == 200
    assert await registry.code(service, "+46701740610") == OBJECTED
    assert refusal(await registry.post(f"{path}/{made['id']}/withdraw", {}, service)) == (
        403,
        "EVIDENCE_REQUIRED",
    )
    withdrawn = await registry.post(f"{path}/{made['id']}/withdraw", {"evidence": EVIDENCE}, service)
    assert withdrawn.json()["state"] == "withdrawn"
    again = await registry.post(f"{path}/{made['id']}/withdraw", {"evidence": EVIDENCE}, service)
    assert refusal(again) == (409, "STATE_CONFLICT")
    assert (await registry.code(service), await registry.code(service, "+46701740610")) == (CLEAR, CLEAR)


async def test_an_agents_objection_to_the_same_stands_when_the_persons_own_is_withdrawn(
    registry: Driver, service: Party
) -> None:
    agent = await registry.agent()
    await registry.objection(agent, await registry.mandate(agent), [service.id])
    made = await received(registry, service)
    await registry.post(f"/v1/objections/{made['id']}/withdraw", {"evidence": EVIDENCE}, service)
    assert await registry.code(service) == OBJECTED
    foreign = await registry.post(f"/v1/objections/{made['id']}/withdraw", {"evidence": EVIDENCE}, agent)
    assert refusal(foreign) == (404, "NOT_FOUND")


async def test_a_number_that_the_person_says_again_after_a_consent_is_a_new_one(
    registry: Driver, service: Party
) -> None:
    made = await received(registry, service)
    await registry.consent(service, {"type": "phone", "value": PHONE})
    assert (await registry.code(service))[0] == "allow"
    added = {"identifiers": [{"type": "phone", "value": PHONE}]}
    for _ in range(2):
        answer = await registry.post(f"/v1/objections/{made['id']}/identifiers", added, service)
        assert answer.status_code == 200, answer.text
        assert (await registry.code(service))[0] == "block"
    assert len(answer.json()["controllers"][0]["entry_ids"]) == 2
