"""The worked cases of the rules, black box: NF a telecom, PE a party, TM an authority, KX a broker, agent A1.

P1, P2 and P3 are test persons; M1 is P1's mandate to A1, and O1 is P1's objection to NF under M1. The cases
of consents and customers, and those of registers and text messages, stand beside these.
"""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import pytest

from app.crypto.fingerprints import Fingerprinter
from app.crypto.keys import KeyRing
from tests.api.traces import everything, found_again
from tests.conftest import Clone
from tests.registry_driver import EMAIL, PHONE, Driver, Json, Party, iso, question, served

P1_NUMBER = {"type": "personal_number", "value": "199001012385"}
P1 = [
    {"type": "phone", "value": "070-174 06 05", "region": "SE"},
    {"type": "email", "value": EMAIL},
    P1_NUMBER,
]
P2_PHONE = "+46701740606"
P3_LANDLINE = "+46846500400"
UNCONCERNED = "+46701740699"

OBJECTED = ("block", "OBJ_DM")
CLEAR = ("allow", "NO_OBJECTION_FOUND")


@pytest.fixture
async def nf(registry: Driver) -> Party:
    return await registry.controller()


@pytest.fixture(scope="module")
async def a1(registry: Driver) -> Party:
    return await registry.agent()


@pytest.fixture
async def m1(registry: Driver, a1: Party) -> Json:
    return await registry.mandate(a1)


@pytest.fixture
async def o1(registry: Driver, a1: Party, m1: Json, nf: Party) -> Json:
    return await registry.objection(a1, m1, [nf.id], identifiers=P1)


async def test_an_objection_is_active_in_all_channels_and_canonical(
    registry: Driver, a1: Party, m1: Json, nf: Party
) -> None:
    answer = await registry.object_to(a1, m1, [nf.id])
    made = answer.json()
    assert (answer.status_code, made["state"], made["channels"]) == (201, "active", "all")
    assert made["kinds"] == ["art21_2"]
    assert made["refused"] == []
    assert made["effective_at"] == made["received_at"]
    assert made["identifiers"][0]["canonical"] == PHONE
    assert "customer" not in answer.text


@pytest.mark.usefixtures("o1")
async def test_it_blocks_in_the_next_request(registry: Driver, nf: Party) -> None:
    assert await registry.code(nf) == OBJECTED


async def test_an_agent_cannot_ask_for_erasure(registry: Driver, a1: Party, m1: Json, nf: Party) -> None:
    answer = await registry.object_to(a1, m1, [nf.id], kinds=["erasure"])
    assert (answer.status_code, answer.json()["code"]) == (403, "MANDATE_SCOPE")
    assert await registry.code(nf) == CLEAR


async def test_the_objection_stands_when_another_kind_beside_it_is_refused(
    registry: Driver, a1: Party, m1: Json, nf: Party
) -> None:
    made = await registry.objection(a1, m1, [nf.id], kinds=["art21_2", "close_membership"])
    assert (made["state"], made["kinds"]) == ("active", ["art21_2"])
    assert made["refused"] == [{"part": "kind", "value": "close_membership", "code": "MANDATE_SCOPE"}]
    assert await registry.code(nf) == OBJECTED


async def test_nothing_is_received_after_the_mandate_ran_out(registry: Driver, a1: Party, nf: Party) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=1)
    mandate = await registry.mandate(a1, valid_to=iso(ends))
    assert mandate["state"] == "active"
    await asyncio.sleep((ends - datetime.now(UTC)).total_seconds() + 0.05)
    answer = await registry.object_to(a1, mandate, [nf.id])
    assert (answer.status_code, answer.json()["code"]) == (403, "MANDATE_EXPIRED")
    assert await registry.code(nf) == CLEAR


async def test_nothing_is_received_after_the_mandate_was_revoked(
    registry: Driver, a1: Party, m1: Json, nf: Party
) -> None:
    ended = {"reason": "the grantor wishes it", "by": "grantor"}
    assert (await registry.post(f"/v1/mandates/{m1['id']}/revoke", ended, a1)).status_code == 200
    answer = await registry.object_to(a1, m1, [nf.id])
    assert (answer.status_code, answer.json()["code"]) == (403, "MANDATE_REVOKED")
    assert await registry.code(nf) == CLEAR


@pytest.mark.usefixtures("o1")
@pytest.mark.parametrize(
    ("spelling", "channel"),
    [
        ("ANNA.Test@Example.COM", "email"),
        ("0046701740605", "sms"),
        ("+46 (0)70-174 06 05", "sms"),
        ("0701740605", "sms"),
        ({"type": "personal_number", "value": "900101-2385", "region": "SE"}, "post_addressed"),
    ],
)
async def test_spelling_does_not_help(registry: Driver, nf: Party, spelling: Any, channel: str) -> None:
    assert await registry.code(nf, spelling, channel=channel) == OBJECTED


@pytest.mark.usefixtures("o1")
@pytest.mark.parametrize("channel", ["voice_live", "audience_upload"])
async def test_calls_and_use_without_a_message_are_blocked_too(
    registry: Driver, nf: Party, channel: str
) -> None:
    assert await registry.code(nf, {"type": "phone", "value": PHONE}, channel=channel) == OBJECTED


@pytest.mark.usefixtures("o1")
async def test_an_invoice_is_allowed_and_not_with_promotion(registry: Driver, nf: Party) -> None:
    assert await registry.code(nf, purpose="service") == ("allow", "SERVICE")
    mixed = (await registry.look_up(nf, PHONE, purpose="service", promo=True))["results"][0]
    assert (mixed["decision"], mixed["code"]) == OBJECTED
    assert "MIXED_CONTENT" in mixed["reasons"]


@pytest.mark.usefixtures("o1")
async def test_another_controller_is_not_blocked(registry: Driver) -> None:
    assert await registry.code(await registry.controller()) == CLEAR


@pytest.mark.usefixtures("o1")
async def test_a_processor_of_the_controller_is_blocked(registry: Driver, nf: Party) -> None:
    processor = await registry.processor(nf)
    answer = await registry.post("/v1/lookups", question(nf.id, PHONE), processor)
    assert answer.json()["results"][0]["code"] == "OBJ_DM"


async def test_a_landline_on_the_controllers_own_list_is_not_called(registry: Driver, nf: Party) -> None:
    service = await registry.credential(nf.id, "customer_service")
    entry = {"kind": "dnc", "identifier": {"type": "phone", "value": "08-465 004 00", "region": "SE"}}
    await registry.made("/v1/entries", {**entry, "reference": "call 17"}, service)
    assert await registry.code(nf, P3_LANDLINE, channel="voice_live") == ("block", "DNC_INTERNAL")


async def test_the_persons_word_comes_before_what_the_controller_keeps_or_consults(
    registry: Driver, a1: Party, m1: Json
) -> None:
    """NF keeps consents and consults the NIX registers."""
    policy = {"basis": "recorded", "registers": ["nix_phone", "nix_post"]}
    nf = await registry.controller(sector="telecom", policy=policy)
    await registry.objection(a1, m1, [nf.id], identifiers=P1)
    entry = {"kind": "dnc", "identifier": {"type": "phone", "value": P3_LANDLINE}}
    await registry.made("/v1/entries", entry, await registry.credential(nf.id, "customer_service"))
    assert await registry.code(nf) == OBJECTED
    assert await registry.code(nf, channel="voice_live") == OBJECTED
    assert await registry.code(nf, P3_LANDLINE, channel="voice_live") == ("block", "DNC_INTERNAL")
    assert await registry.code(nf, UNCONCERNED) == ("block", "NO_CONSENT")


async def test_a_block_at_the_broker_stops_a_political_message_too(registry: Driver) -> None:
    pe, kx = await registry.controller(name="PE", sector="party"), await registry.source()
    block = {"identifier": {"type": "phone", "value": P2_PHONE}}
    await registry.made(f"/v1/sources/{kx.id}/blocks", block, kx)
    asked = {"purpose": "political", "source": {"id": kx.id}}
    assert await registry.code(pe, P2_PHONE, **asked) == ("block", "SOURCE_BLOCKED")


async def test_an_authority_may_still_inform(registry: Driver, a1: Party, m1: Json) -> None:
    tm = await registry.controller(name="TM", public_body=True)
    await registry.objection(a1, m1, [tm.id])
    assert await registry.code(tm, purpose="societal_public") == ("allow", "SOCIETAL_INFO")
    assert await registry.code(tm) == OBJECTED


async def test_an_objection_outlives_the_mandate(
    registry: Driver, a1: Party, m1: Json, o1: Json, nf: Party
) -> None:
    ended = {"reason": "the grantor wishes it", "by": "grantor"}
    await registry.post(f"/v1/mandates/{m1['id']}/revoke", ended, a1)
    assert (await registry.get(f"/v1/mandates/{m1['id']}", a1)).json()["state"] == "revoked"
    assert (await registry.get(f"/v1/objections/{o1['id']}", a1)).json()["state"] == "active"
    assert await registry.code(nf) == OBJECTED


async def test_withdrawing_takes_a_right_of_its_own(registry: Driver, a1: Party, o1: Json, nf: Party) -> None:
    evidence = {"evidence": {"method": "person", "reference": "call 18"}}
    answer = await registry.post(f"/v1/objections/{o1['id']}/withdraw", evidence, a1)
    assert (answer.status_code, answer.json()["code"]) == (403, "MANDATE_SCOPE")
    assert (await registry.get(f"/v1/objections/{o1['id']}", a1)).json()["state"] == "active"
    assert await registry.code(nf) == OBJECTED


@pytest.mark.usefixtures("o1")
async def test_three_questions_get_three_answers_in_their_order(registry: Driver, nf: Party) -> None:
    answer = await registry.look_up(nf, UNCONCERNED, "abc", PHONE, channel="voice_live")
    assert [(one["index"], one["decision"], one["code"]) for one in answer["results"]] == [
        (0, *CLEAR),
        (1, "block", "INPUT_INVALID"),
        (2, *OBJECTED),
    ]
    assert answer["counts"] == {"asked": 3, "allow": 1, "block": 2, "invalid": 1}


async def test_nothing_of_a_miss_is_kept_anywhere(
    clone: Clone,
    ring: KeyRing,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In a registry of its own, so that all of it can be searched."""
    caplog.set_level(logging.DEBUG)
    url = await clone()
    hits = [f"hit-{token_hex(8)}@example.com" for _ in range(10)]
    misses = [("phone", f"+46846500{number}") for number in range(410, 500)]
    misses += [("email", f"miss-{token_hex(8)}@example.com") for _ in range(900)]
    asked = [*({"type": kind, "value": value} for kind, value in misses), *hits]
    async with served(url, ring) as registry:
        agent, nf = await registry.agent(), await registry.controller()
        written = [{"type": "email", "value": hit} for hit in hits]
        await registry.objection(agent, await registry.mandate(agent), [nf.id], identifiers=written)
        answer = await registry.look_up(nf, *asked, channel="email")
        metrics = await registry.get("/metrics", Authorization="Bearer metrics-token")
    assert answer["counts"] == {"asked": 1000, "allow": 990, "block": 10, "invalid": 0}
    stored = await everything(url)
    printed = capfd.readouterr()
    told = json.dumps([metrics.text, printed.out, printed.err, caplog.text])
    assert "sparr_lookup_identifiers_asked_total" in told
    assert "/v1/lookups" in printed.out + printed.err
    fingerprints = Fingerprinter(ring.fingerprint_key)
    assert found_again([{"type": "email", "value": hits[0]}], stored, fingerprints), (
        "a hit is there to be found"
    )
    asked_about = [{"type": kind, "value": value} for kind, value in misses]
    assert found_again(asked_about, stored + told, fingerprints) == []
