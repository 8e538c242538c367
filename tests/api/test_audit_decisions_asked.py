"""How an auditor asks what would have been answered, and what is kept of that."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from tests.registry_driver import PHONE, Driver, Json, Party, email, iso

PATH = "/v1/audit/decisions"
PURPOSE = "Case 4711 of an uncle"


@pytest.fixture(scope="module")
async def auditor(registry: Driver) -> Party:
    return await registry.staff("auditor")


@pytest.fixture(scope="module")
async def desk(registry: Driver) -> Party:
    return await registry.controller("customer_service")


def asked(desk: Party, person: Any, **fields: Any) -> Json:
    now = iso(datetime.now(UTC))
    base = {"controller_id": desk.id, "channel": "sms", "purpose": "marketing", "at": now}
    return {**base, "identifier": person, **fields}


async def ask(registry: Driver, who: Party, body: Json) -> Any:
    return await registry.post(PATH, body, who, Sparr_Purpose=PURPOSE)


async def test_every_way_to_ask_is_answered_alike(registry: Driver, auditor: Party, desk: Party) -> None:
    person = {"type": "phone", "value": "+46701740631"}
    entry = (await registry.enter(desk, person)).json()
    later = iso(datetime.now(UTC) + timedelta(seconds=1))
    body = asked(desk, "070-174 06 31", region="SE", at=later)
    headers = {**auditor.headers, "Sparr-Purpose": PURPOSE}
    query = {name: body[name] for name in ("controller_id", "channel", "purpose", "at")}
    query |= {"entry_id": entry["id"]}
    answers = [
        await registry.client.request(method, PATH, json=body, headers=headers)
        for method in ("POST", "QUERY", "GET")
    ]
    answers.append(await registry.client.get(PATH, params=query, headers=headers))
    assert [answer.status_code for answer in answers] == [200] * 4, [answer.text for answer in answers]
    told = [answer.json() for answer in answers]
    assert {(one["decision"], one["code"], one["entry_id"]) for one in told} == {
        ("block", "DNC_INTERNAL", entry["id"])
    }
    assert [one["certain"] for one in told] == [True] * 4


@pytest.mark.parametrize(
    "person",
    [
        {
            "type": "postal_address",
            "value": {
                "name": "Anna Test",
                "street": "Testgatan 7 B",
                "postal_code": "111 22",
                "country": "SE",
            },
        },
        {"type": "email", "value": "anna.test+tag@example.com"},
        {"type": "phone", "sha256": "ab" * 32},
        {"type": "customer_ref", "value": "K-1"},
        {"type": "personal_number", "value": "19640823-3234"},
        {"type": "personal_number", "value": "010190-0000", "region": "DK"},
    ],
    ids=lambda person: "sha256" if "sha256" in person else person["type"],
)
async def test_an_entry_names_whom_it_is_about(registry: Driver, auditor: Party, person: Json) -> None:
    desk = await registry.controller("customer_service")
    entry = (await registry.enter(desk, person)).json()
    query = f"?entry_id={entry['id']}&controller_id={desk.id}&channel=sms&purpose=marketing"
    answer = await registry.get(PATH + query, auditor, Sparr_Purpose=PURPOSE)
    assert (answer.status_code, answer.json()["entry_id"]) == (200, entry["id"]), answer.text


async def test_an_entry_that_came_as_a_hash_is_found_by_the_value(registry: Driver, auditor: Party) -> None:
    desk, value = await registry.controller("customer_service"), "+46701740633"
    digest = sha256(value.encode()).hexdigest()
    await registry.enter(desk, {"type": "phone", "sha256": digest})
    body = asked(desk, value, at=iso(datetime.now(UTC) + timedelta(seconds=1)))
    assert (await ask(registry, auditor, body)).json()["code"] == "DNC_INTERNAL"


async def test_an_entry_of_an_erased_person_names_nobody(registry: Driver, auditor: Party) -> None:
    desk, person = await registry.controller("customer_service"), email()
    entry = (await registry.enter(desk, person)).json()
    erase = {"identifiers": [person], "reason": "asked for it"}
    for _ in range(2):
        await registry.post("/v1/subjects/erase", erase, await registry.staff())
    query = f"?entry_id={entry['id']}&controller_id={desk.id}&channel=sms&purpose=marketing"
    answer = await registry.get(PATH + query, auditor, Sparr_Purpose=PURPOSE)
    assert (answer.status_code, answer.json()["code"]) == (409, "STATE_CONFLICT")
    found = (await ask(registry, auditor, asked(desk, person))).json()
    assert (found["decision"], found["code"]) == ("block", "DNC_INTERNAL")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"identifier": "see notes"}, "INPUT_INVALID"),
        ({"identifier": {"all": [PHONE, "see notes"]}}, "INPUT_INVALID"),
        ({"channel": "pigeon"}, "INPUT_INVALID"),
        ({"purpose": "emergency"}, "EMERGENCY"),
        ({"purpose": "service"}, "SERVICE"),
    ],
)
async def test_a_question_is_judged_like_a_lookup(
    registry: Driver, auditor: Party, desk: Party, fields: Json, code: str
) -> None:
    answer = await ask(registry, auditor, asked(desk, PHONE, **fields))
    assert (answer.status_code, answer.json()["code"]) == (200, code), answer.text


async def test_what_cannot_be_asked_is_refused(registry: Driver, auditor: Party, desk: Party) -> None:
    ahead = iso(datetime.now(UTC) + timedelta(days=1))
    unknown = str(uuid4())
    for fields, code in (
        ({"known_at": ahead}, "INVALID_TIME"),
        ({"controller_id": unknown}, "UNKNOWN_REFERENCE"),
        ({"source": {"id": unknown}}, "UNKNOWN_REFERENCE"),
        ({"as_of": "yesterday"}, "VALIDATION"),
        ({"identifiers": [PHONE]}, "VALIDATION"),
    ):
        answer = await ask(registry, auditor, asked(desk, PHONE, **fields))
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert PHONE not in answer.text
    for query, status in (("", 422), (f"?entry_id={unknown}", 422), (f"?controller_id={unknown}", 422)):
        assert (await registry.get(PATH + query, auditor, Sparr_Purpose=PURPOSE)).status_code == status
    for controller in (desk.id, unknown):
        query = f"?entry_id={unknown}&controller_id={controller}&channel=sms&purpose=marketing"
        answer = await registry.get(PATH + query, auditor, Sparr_Purpose=PURPOSE)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_moment_ahead_is_asked_by_what_is_known_now(
    registry: Driver, auditor: Party, desk: Party
) -> None:
    ahead = iso(datetime.now(UTC) + timedelta(days=30))
    found = (await ask(registry, auditor, asked(desk, email(), at=ahead))).json()
    assert (found["decision"], found["certain"]) == ("allow", True)
    assert found["known_at"] < found["at"]


async def test_overseers_alone_may_ask_and_say_what_for(
    registry: Driver, auditor: Party, desk: Party
) -> None:
    body = asked(desk, PHONE)
    for who in (desk, await registry.agent(), await registry.source()):
        answer = await ask(registry, who, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")
        answer = await registry.get(PATH, who, Sparr_Purpose=PURPOSE)
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")
    for who in (auditor, await registry.admin()):
        assert (await ask(registry, who, body)).status_code == 200
        assert (await registry.post(PATH, body, who)).json()["code"] == "VALIDATION"


async def test_the_question_is_journalled_and_nothing_of_the_person_is(
    registry: Driver, auditor: Party, desk: Party, behind: Any
) -> None:
    found = (await ask(registry, auditor, asked(desk, "+46701740632", channel="+46701740632"))).json()
    row = await behind.fetchrow("SELECT * FROM registry.event WHERE id = $1", found["event_id"])
    assert (row["kind"], str(row["object_id"]), str(row["actor_id"])) == (
        "decision.audited",
        desk.id,
        auditor.id,
    )
    assert "46701740632" not in str(dict(row))
    assert '"said": "block"' in row["detail"]
    sealed = await behind.fetchval("SELECT kind FROM vault.sealed WHERE id = $1", row["id"])
    assert sealed == "purpose"
    assert PURPOSE not in str(dict(row))
