"""The worked cases that need a national register or a text message, black box: NF a telecom that records
consents and consults NIX for calls and post, agent A1. P3 has a landline on NIX."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from app.crypto.keys import KeyRing
from tests.api.providers import connect
from tests.conftest import Clone
from tests.registry_driver import PHONE, Driver, Json, Party, iso, served

P1, P2 = {"type": "phone", "value": PHONE}, "+46701740606"
P3_LANDLINE = "+46846500400"
UNCONCERNED = "+46846500499"
CALL: Json = {"channel": "voice_live"}
SAME_GOODS: Json = {**CALL, "offer": {"own_similar": True}}
POLICY: Json = {"basis": "recorded", "registers": ["nix_phone", "nix_post"]}


async def bring_nix(registry: Driver, days_old: int) -> None:
    """NIX as it was so many days ago, with P3's landline."""
    headers = {**(await registry.admin()).headers, "Content-Type": "text/plain"}
    day = (datetime.now(UTC) - timedelta(days=days_old)).date()
    path = f"/v1/registers/nix_phone/imports?version_date={day}"
    answer = await registry.client.post(path, content=P3_LANDLINE.encode(), headers=headers)
    assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
async def fresh(clone: Clone, ring: KeyRing) -> AsyncIterator[Driver]:
    """A registry of its own whose NIX is ten days old: a register is the same for everybody."""
    async with served(await clone(), ring) as driver:
        await bring_nix(driver, 10)
        yield driver


@pytest.fixture
async def nf(fresh: Driver) -> Party:
    """NF's customer service, which may look up too."""
    return await fresh.controller("customer_service", sector="telecom", policy=POLICY)


async def test_a_landline_on_nix_is_not_called(fresh: Driver, nf: Party) -> None:
    assert await fresh.code(nf, P3_LANDLINE, **CALL) == ("block", "REG_HIT:nix_phone")


async def test_a_landline_on_nix_is_called_for_a_customer_of_the_same_goods(fresh: Driver, nf: Party) -> None:
    await fresh.relationship(nf, {"type": "phone", "value": P3_LANDLINE})
    assert await fresh.code(nf, P3_LANDLINE, **SAME_GOODS) == ("allow", "REG_CUSTOMER")
    assert await fresh.code(nf, P3_LANDLINE, **CALL) == ("block", "REG_HIT:nix_phone")


async def test_a_customers_landline_on_the_own_list_is_not_called(fresh: Driver, nf: Party) -> None:
    await fresh.relationship(nf, {"type": "phone", "value": P3_LANDLINE})
    await fresh.enter(nf, {"type": "phone", "value": "08-465 004 00", "region": "SE"})
    assert await fresh.code(nf, P3_LANDLINE, **SAME_GOODS) == ("block", "DNC_INTERNAL")


async def test_a_nix_of_seventy_days_ago_lets_nobody_be_called(clone: Clone, ring: KeyRing) -> None:
    async with served(await clone(), ring) as registry:
        nf = await registry.controller(policy=POLICY)
        await bring_nix(registry, 70)
        for number in (P3_LANDLINE, UNCONCERNED):
            assert await registry.code(nf, number, **CALL) == ("block", "REG_STALE")


async def test_the_age_of_nix_is_judged_when_the_call_is_made(fresh: Driver, nf: Party) -> None:
    later = iso(datetime.now(UTC) + timedelta(days=60))
    assert await fresh.code(nf, UNCONCERNED, **CALL) == ("allow", "NO_OBJECTION_FOUND")
    assert await fresh.code(nf, UNCONCERNED, **CALL, dispatch_at=later) == ("block", "REG_STALE")


async def test_three_calls_get_three_answers_in_their_order(fresh: Driver, nf: Party) -> None:
    agent = await fresh.agent()
    await fresh.objection(agent, await fresh.mandate(agent), [nf.id], identifiers=[P1])
    answer = await fresh.look_up(nf, UNCONCERNED, "abc", PHONE, **CALL)
    assert [(one["index"], one["decision"], one["code"]) for one in answer["results"]] == [
        (0, "allow", "NO_OBJECTION_FOUND"),
        (1, "block", "INPUT_INVALID"),
        (2, "block", "OBJ_DM"),
    ]


async def test_a_stop_by_text_of_somebody_unknown_ends_texts(fresh: Driver, nf: Party) -> None:
    line = await connect(fresh, nf, "twilio", {"auth_token": "twilio-token-of-nobody"})
    assert (await line.text(P2, "STOPP")).status_code == 200
    assert await fresh.code(nf, P2) == ("block", "CHANNEL_OPTOUT")


async def test_where_a_register_should_have_been_asked_and_was_not_the_answer_says_so(fresh: Driver) -> None:
    careless = await fresh.controller(policy={"registers": []})
    (told,) = (await fresh.look_up(careless, P3_LANDLINE, **CALL))["results"]
    assert (told["decision"], told["obligations"]) == ("allow", ["CHECK_REGISTER:nix_phone"])
    letter = {"type": "phone", "value": P3_LANDLINE}
    (told,) = (await fresh.look_up(careless, letter, channel="post_addressed"))["results"]
    assert told["obligations"] == ["CHECK_REGISTER:nix_post"]
    (told,) = (await fresh.look_up(careless, P3_LANDLINE))["results"]
    assert told["obligations"] == [], "no law has a register asked before a text message"
    half = await fresh.controller("customer_service", policy={**POLICY, "registers": ["nix_post"]})
    await fresh.relationship(half, letter)
    (told,) = (await fresh.look_up(half, P3_LANDLINE, **SAME_GOODS))["results"]
    assert told["obligations"] == ["CHECK_REGISTER:nix_phone"]
