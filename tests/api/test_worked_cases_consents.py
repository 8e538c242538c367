"""The worked cases of consents and relationships, black box: NF a telecom that records them, agent A1. P1
objects through A1 under M1 (O1); P2 has said nothing yet; P3 has a landline."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.registry_driver import GIVEN, PHONE, Driver, Json, Party, iso

P1 = {"type": "phone", "value": PHONE}
P2 = {"type": "phone", "value": "+46701740606"}
P3_LANDLINE = {"type": "phone", "value": "+46846500400"}
RECORDED: Json = {"basis": "recorded"}
INSUFFICIENT = ("block", "OBJ_DM_CONSENT_INSUFFICIENT")


@pytest.fixture
async def nf(registry: Driver) -> Party:
    """NF's customer service, which may look up too."""
    return await registry.controller("customer_service", policy=RECORDED)


@pytest.fixture
async def a1(registry: Driver) -> Party:
    return await registry.agent()


@pytest.fixture
async def m1(registry: Driver, a1: Party) -> Json:
    return await registry.mandate(a1)


@pytest.fixture
async def o1(registry: Driver, a1: Party, m1: Json, nf: Party) -> Json:
    return await registry.objection(a1, m1, [nf.id], identifiers=[P1])


async def result(registry: Driver, who: Party, identifier: Any, **fields: Any) -> Json:
    found: Json = (await registry.look_up(who, identifier, **fields))["results"][0]
    return found


async def test_a_consent_to_text_messages_is_none_to_mail(registry: Driver, nf: Party) -> None:
    await registry.consent(nf, P2)
    told = await result(registry, nf, P2)
    assert (told["code"], "INCLUDE_OPT_OUT" in told["obligations"]) == ("CONSENT_VALID", True)
    assert await registry.code(nf, P2, channel="email") == ("block", "NO_CONSENT")


async def test_a_later_consent_allows_messages_and_no_calls(registry: Driver, nf: Party, o1: Json) -> None:
    assert await registry.code(nf, P1) == ("block", "OBJ_DM")
    await registry.consent(nf, P1)
    told = await result(registry, nf, P1)
    assert (told["decision"], told["code"]) == ("allow", "CONSENT_VALID")
    assert "CONSENT_OVERRIDES" in told["reasons"]
    assert await registry.code(nf, P1, channel="voice_live") == INSUFFICIENT
    assert o1["state"] == "active"


async def test_a_withdrawn_consent_brings_the_objection_back(registry: Driver, nf: Party, o1: Json) -> None:
    consent = await registry.consent(nf, P1)
    await registry.post(f"/v1/consents/{consent['id']}/withdraw", {}, nf)
    told = await result(registry, nf, P1)
    assert told["code"] == "OBJ_DM"
    assert told["entry_id"] in o1["controllers"][0]["entry_ids"]


async def test_a_customer_on_the_own_list_is_not_called(registry: Driver, nf: Party) -> None:
    await registry.relationship(nf, P3_LANDLINE)
    await registry.enter(nf, P3_LANDLINE)
    same = {"channel": "voice_live", "offer": {"own_similar": True}}
    assert await registry.code(nf, P3_LANDLINE, **same) == ("block", "DNC_INTERNAL")


async def test_an_active_customer_who_objected_is_blocked(registry: Driver, nf: Party, o1: Json) -> None:
    await registry.relationship(nf, P1)
    assert o1["state"] == "active"
    for channel in ("voice_live", "audience_upload", "sms"):
        told = await result(registry, nf, P1, channel=channel, offer={"own_similar": True})
        assert told["code"] == "OBJ_DM"


async def test_a_policy_may_let_no_consent_go_before_an_objection(
    registry: Driver, a1: Party, m1: Json
) -> None:
    policy = {**RECORDED, "consent_lifts_objection": False}
    strict = await registry.controller("customer_service", policy=policy)
    await registry.objection(a1, m1, [strict.id], identifiers=[P1])
    await registry.consent(strict, P1)
    assert await registry.code(strict, P1) == INSUFFICIENT


async def test_an_objection_to_all_controllers_gives_way_to_a_later_consent_to_one(
    registry: Driver, a1: Party, nf: Party
) -> None:
    mine = {"type": "phone", "value": "+46701740641"}
    mandate = await registry.mandate(a1, identifiers=[mine])
    await registry.objection(a1, mandate, "all", identifiers=[mine])
    other = await registry.controller("customer_service", policy=RECORDED)
    await registry.consent(nf, mine)
    assert await registry.code(nf, mine) == ("allow", "CONSENT_VALID")
    assert await registry.code(other, mine) == ("block", "OBJ_DM")
    since = {"instructed_at": iso(datetime.now(UTC))}
    await registry.objection(a1, mandate, "all", identifiers=[mine], **since)
    assert await registry.code(nf, mine) == INSUFFICIENT


async def test_an_objection_and_a_consent_at_the_same_time_leave_a_block(
    registry: Driver, nf: Party, a1: Party, m1: Json
) -> None:
    """Whichever comes first: a consent dated before the objection was received never lifts it."""
    body: Json = {"identifier": P1, "channels": ["sms"], "purposes": ["marketing"], **GIVEN}
    body["given_at"] = iso(datetime.now(UTC))
    await asyncio.gather(
        registry.made("/v1/consents", body, nf),
        registry.objection(a1, m1, [nf.id], identifiers=[P1]),
    )
    assert await registry.code(nf, P1) == INSUFFICIENT
