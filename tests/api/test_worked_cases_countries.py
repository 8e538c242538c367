"""The worked cases of single countries, black box: NF calls and writes to three countries."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from app.domain.calling_hours import calling_ends, next_calls
from tests.registry_driver import PHONE, Driver, Json, Party

NORWEGIAN = {"type": "phone", "value": "+4740123456"}
DANISH = {"type": "phone", "value": "+4520123456"}
HASHED = {"type": "phone", "sha256": sha256(b"+4740123456").hexdigest()}
CALL: Json = {"channel": "voice_live", "region": None}
TUESDAY, SUNDAY = "2030-03-05T12:00:00Z", "2030-03-03T12:00:00Z"
CLEAR = ("allow", "NO_OBJECTION_FOUND")
QUIET, BANNED = ("block", "QUIET_TIME"), ("block", "DK_CALL_BAN")
RECORDED: Json = {"basis": "recorded"}


@pytest.fixture
async def nf(registry: Driver) -> Party:
    return await registry.controller("customer_service", policy=RECORDED)


async def result(registry: Driver, who: Party, identifier: Any, **fields: Any) -> Json:
    found: Json = (await registry.look_up(who, identifier, **fields))["results"][0]
    return found


async def test_norwegians_are_called_on_a_tuesday_and_not_on_a_sunday(registry: Driver, nf: Party) -> None:
    assert await registry.code(nf, NORWEGIAN, **CALL, dispatch_at=TUESDAY) == CLEAR
    told = await result(registry, nf, NORWEGIAN, **CALL, dispatch_at=SUNDAY)
    assert (told["code"], told["retry_after"]) == ("QUIET_TIME", "2030-03-04T08:00:00Z")


async def test_only_the_norwegians_of_a_list_are_left_alone_on_a_sunday(registry: Driver, nf: Party) -> None:
    answer = await registry.look_up(nf, PHONE, NORWEGIAN, PHONE, **CALL, dispatch_at=SUNDAY)
    assert [one["code"] for one in answer["results"]] == [
        "NO_OBJECTION_FOUND",
        "QUIET_TIME",
        "NO_OBJECTION_FOUND",
    ]
    assert [one.get("retry_after") for one in answer["results"]] == [None, "2030-03-04T08:00:00Z", None]
    compact = await registry.look_up(nf, PHONE, NORWEGIAN, **CALL, dispatch_at=SUNDAY, view="compact")
    assert compact["blocked"] == [{"index": 1, "code": "QUIET_TIME"}]


async def test_an_answer_about_a_norwegian_ends_with_the_hours_for_calls(registry: Driver, nf: Party) -> None:
    answer = await registry.look_up(nf, NORWEGIAN, **CALL)
    asked, until = (datetime.fromisoformat(answer[name]) for name in ("decided_at", "valid_until"))
    turn = calling_ends(asked) or next_calls(asked)
    assert turn is not None
    assert until == min(turn, asked + timedelta(hours=24))


async def test_an_objection_goes_before_the_hour(registry: Driver, nf: Party) -> None:
    number = {"type": "phone", "value": "+4740123457"}
    await registry.enter(nf, number)
    told = await result(registry, nf, number, **CALL, dispatch_at=SUNDAY)
    assert (told["code"], told["reasons"]) == ("DNC_INTERNAL", ["DNC_INTERNAL", "QUIET_TIME"])
    assert "retry_after" not in told


async def test_danish_consumers_are_not_called_unless_they_asked_for_it(registry: Driver, nf: Party) -> None:
    assert await registry.code(nf, DANISH, **CALL) == BANNED
    assert await registry.code(nf, DANISH, **CALL, offer={"product": "other"}) == BANNED
    for product in ("books", "newspaper_subscription", "insurance", "rescue"):
        assert await registry.code(nf, DANISH, **CALL, offer={"product": product}) == CLEAR
    assert await registry.code(nf, DANISH, **CALL, offer={"legal_person": True}) == CLEAR
    asked = {"type": "phone", "value": "+4520123457"}
    await registry.consent(nf, asked, channels=["voice_live"])
    assert await registry.code(nf, asked, **CALL) == ("allow", "REG_CONSENT")


async def test_a_hash_is_called_where_the_sender_says_that_it_is(registry: Driver, nf: Party) -> None:
    told = await result(registry, nf, HASHED, **CALL, dispatch_at=SUNDAY)
    assert (told["code"], "CHECK_COUNTRY" in told["obligations"]) == ("NO_OBJECTION_FOUND", True)
    for fields in ({"region": "NO"}, {"region": "SE", "identifier": {**HASHED, "region": "NO"}}):
        asked = {**CALL, "region": fields["region"]}
        assert await registry.code(nf, fields.get("identifier", HASHED), **asked, dispatch_at=SUNDAY) == QUIET
    told = await result(registry, nf, HASHED, **{**CALL, "region": "SE"}, dispatch_at=SUNDAY)
    assert "CHECK_COUNTRY" not in told["obligations"]


async def test_a_sender_calls_at_home_unless_something_says_otherwise(registry: Driver) -> None:
    for country, expected in (("NO", QUIET), ("DK", BANNED), ("SE", CLEAR)):
        sender = await registry.controller(country=country)
        customer = {"type": "customer_ref", "value": "K-1"}
        assert await registry.code(sender, customer, **CALL, dispatch_at=SUNDAY) == expected
        assert await registry.code(sender, PHONE, **CALL, dispatch_at=SUNDAY) == CLEAR


async def test_a_companys_office_may_be_written_to(registry: Driver, nf: Party) -> None:
    company: Json = {"channel": "email", "offer": {"legal_person": True}, "region": None}
    told = await result(registry, nf, "info@firma.example.se", **company)
    assert (told["code"], told["obligations"]) == ("B2B", ["INCLUDE_OPT_OUT"])
    refused = ("block", "NO_CONSENT")
    for address in ("anna@firma.example.se", "info@firma.example.dk", "info@firma.example.com"):
        assert await registry.code(nf, address, **company) == refused
    assert await registry.code(nf, "info@firma.example.com", **{**company, "region": "SE"}) == (
        "allow",
        "B2B",
    )
    assert await registry.code(nf, "info@firma.example.se", channel="email") == refused


async def test_an_unknown_product_is_refused(registry: Driver, nf: Party) -> None:
    answer = await registry.ask(nf, DANISH, **CALL, offer={"product": "bibles"})
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
