"""Consents over HTTP: recorded, withdrawn, and what they do to a lookup."""

from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import pytest

from tests.registry_driver import GIVEN, Driver, Json, Party, email, iso

RECORDED = {"basis": "recorded"}
WEAK = "OBJ_DM_CONSENT_INSUFFICIENT"


async def recording(registry: Driver) -> Party:
    """Customer service of a controller that keeps its consents here; it may look up too."""
    return await registry.controller("customer_service", policy=RECORDED)


async def code(registry: Driver, desk: Party, who: Json, channel: str = "email", **fields: Any) -> str:
    return (await registry.code(desk, who, channel=channel, **fields))[1]


async def objects(registry: Driver, desk: Party, who: Json) -> Json:
    """The person objects at the controller's customer service."""
    said: Json = {"kinds": ["art21_2"], "channels": "all", "controllers": [desk.id], "identifiers": [who]}
    said |= {"origin": "self", "evidence": {"method": "call", "reference": "4711"}}
    answer = await registry.post("/v1/objections", said, desk, Idempotency_Key=token_hex(8))
    assert answer.status_code in {200, 201}, answer.text
    made: Json = answer.json()
    return made


async def test_a_consent_allows_its_channel_and_no_other(registry: Driver) -> None:
    desk, who = await recording(registry), email()
    assert await code(registry, desk, who) == "NO_CONSENT"
    made = await registry.consent(desk, who, channels=["email"])
    assert (made["conflicts"], made["withdrawn_at"], made["duplicate_of"]) == ([], None, None)
    result = (await registry.look_up(desk, who, channel="email"))["results"][0]
    assert (result["code"], result["obligations"]) == ("CONSENT_VALID", ["INCLUDE_OPT_OUT", "SENDER_ID"])
    assert await code(registry, desk, who, "sms") == "NO_CONSENT"


async def test_a_later_consent_goes_before_an_objection_until_it_is_withdrawn(registry: Driver) -> None:
    desk, who = await recording(registry), email()
    objection = await objects(registry, desk, who)
    consent = await registry.consent(desk, who, channels=["email"])
    assert consent["conflicts"] == ["CONSENT_OBJECTION_CONFLICT"]
    result = (await registry.look_up(desk, who, channel="email"))["results"][0]
    assert (result["code"], result["reasons"][0]) == ("CONSENT_VALID", "CONSENT_OVERRIDES")
    assert await code(registry, desk, who, "voice_live") == WEAK
    ended = await registry.post(f"/v1/consents/{consent['id']}/withdraw", {}, desk)
    assert ended.status_code == 200
    assert ended.json()["withdrawn_at"] is not None
    result = (await registry.look_up(desk, who, channel="email"))["results"][0]
    entries = objection["controllers"][0]["entry_ids"]
    assert (result["code"], result["entry_id"] in entries) == ("OBJ_DM", True)


async def test_a_new_objection_after_a_consent_wins_at_once(registry: Driver) -> None:
    desk, who = await recording(registry), email()
    first = await objects(registry, desk, who)
    assert (await objects(registry, desk, who))["duplicate_of"] == first["id"]
    await registry.consent(desk, who, channels=["email"])
    assert await code(registry, desk, who) == "CONSENT_VALID"
    again = await objects(registry, desk, who)
    assert again["duplicate_of"] is None
    assert await code(registry, desk, who) == WEAK


async def test_an_agent_that_sends_again_says_nothing_new_unless_it_was_instructed_since(
    registry: Driver,
) -> None:
    desk, who, agent = await recording(registry), email(), await registry.agent()
    mandate = await registry.mandate(agent, identifiers=[who])
    said: Json = {"identifiers": [who]}
    first = await registry.objection(agent, mandate, [desk.id], **said)
    between = iso(datetime.now(UTC))
    await registry.consent(desk, who, channels=["email"])
    for instructed in ({}, {"instructed_at": between}):
        again = await registry.object_to(agent, mandate, [desk.id], **said, **instructed)
        assert (again.status_code, again.json()["duplicate_of"]) == (200, first["id"])
        assert await code(registry, desk, who) == "CONSENT_VALID"
    now = {"instructed_at": iso(datetime.now(UTC))}
    assert (await registry.object_to(agent, mandate, [desk.id], **said, **now)).status_code == 201
    assert await code(registry, desk, who) == WEAK


async def test_a_wish_not_to_be_called_counts_anew_after_a_consent(registry: Driver) -> None:
    desk, who = await recording(registry), email()
    await registry.enter(desk, who)
    await registry.consent(desk, who, channels=["email"])
    assert await code(registry, desk, who) == "CONSENT_VALID"
    assert (await registry.enter(desk, who)).status_code == 201
    assert await code(registry, desk, who) == "DNC_INTERNAL"
    assert (await registry.enter(desk, who)).status_code == 200


@pytest.mark.parametrize(
    "weak",
    [
        {"given_by": "third_party"},
        {"names_controller": False},
        {"after_winback": True},
        {"evidence": None},
        {"given_at": None},
        {"given_at": "2026-01-01T00:00:00Z"},
    ],
)
async def test_a_consent_that_cannot_be_relied_on_lifts_nothing(registry: Driver, weak: Json) -> None:
    desk, who = await recording(registry), email()
    await objects(registry, desk, who)
    await registry.consent(desk, who, channels=["email"], **weak)
    assert await code(registry, desk, who) == WEAK


async def test_a_withdrawn_consent_blocks_a_soft_opt_in(registry: Driver) -> None:
    desk, who = await recording(registry), email()
    await registry.relationship(desk, who)
    similar: Json = {"offer": {"own_similar": True}}
    assert await code(registry, desk, who, **similar) == "SOFT_OPT_IN"
    made = await registry.consent(desk, who, channels=["email"])
    await registry.post(f"/v1/consents/{made['id']}/withdraw", {"reference": "called"}, desk)
    assert await code(registry, desk, who, **similar) == "CONSENT_WITHDRAWN"


async def test_the_same_consent_twice_is_one_and_ending_it_twice_is_harmless(registry: Driver) -> None:
    desk, who = await recording(registry), email()
    body = {"identifier": who, "channels": ["email"], "purposes": ["direct_marketing"], **GIVEN}
    body["given_at"] = iso(datetime.now(UTC) - timedelta(hours=1))
    first = await registry.made("/v1/consents", body, desk)
    again = await registry.post("/v1/consents", body, desk)
    assert (again.status_code, again.json()["duplicate_of"]) == (200, first["id"])
    path = f"/v1/consents/{first['id']}/withdraw"
    ends = [(await registry.post(path, {}, desk)).json() for _ in range(2)]
    assert ends[0] == ends[1]
    assert (await registry.post("/v1/consents", body, desk)).status_code == 201


async def test_another_controllers_consent_is_none(registry: Driver) -> None:
    desk, other, who = await recording(registry), await recording(registry), email()
    made = await registry.consent(desk, who, channels=["email"])
    assert await code(registry, other, who) == "NO_CONSENT"
    for fact_id in (made["id"], "01920000-0000-7000-8000-000000000001"):
        answer = await registry.post(f"/v1/consents/{fact_id}/withdraw", {}, other)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert await code(registry, desk, who) == "CONSENT_VALID"


async def test_a_consent_of_tomorrow_is_refused(registry: Driver) -> None:
    desk = await recording(registry)
    body = {"identifier": email(), "channels": ["email"], "purposes": ["marketing"], **GIVEN}
    body["given_at"] = iso(datetime.now(UTC) + timedelta(days=1))
    answer = await registry.post("/v1/consents", body, desk)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_TIME")


async def test_only_customer_service_records_consents(registry: Driver) -> None:
    sender = await registry.controller()
    body = {"identifier": email(), "channels": ["email"], "purposes": ["marketing"], **GIVEN}
    answer = await registry.post("/v1/consents", body, sender)
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")


async def test_each_consent_of_a_batch_has_its_own_outcome(registry: Driver) -> None:
    desk, who = await recording(registry), [email(), email()]
    body: Json = {
        "channels": ["email"],
        "purposes": ["marketing"],
        **GIVEN,
        "given_at": iso(datetime.now(UTC)),
    }
    odd = {"type": "email", "value": "nobody"}
    items = [{"identifier": one, **body} for one in (who[0], odd, who[1], who[0])]
    answer = await registry.post("/v1/consents/batch", {"items": [*items, {"not": "one"}]}, desk)
    statuses = [one["status"] for one in answer.json()["results"]]
    assert statuses == [201, 422, 201, 200, 422]
    assert answer.json()["counts"] == {"items": 5, "done": 3, "refused": 2}
    assert [await code(registry, desk, one) for one in who] == ["CONSENT_VALID", "CONSENT_VALID"]
    aborted = await registry.post("/v1/consents/batch", {"items": items, "on_error": "abort"}, desk)
    assert (aborted.status_code, aborted.json()["code"]) == (409, "BATCH_ABORTED")


async def test_a_member_gets_political_messages_until_the_membership_ends(registry: Driver) -> None:
    desk, who = await recording(registry), email()
    political = {"purpose": "political"}
    assert await code(registry, desk, who, **political) == "POLITICAL_NO_BASIS"
    made = await registry.relationship(desk, who, "member")
    assert await code(registry, desk, who, **political) == "POLITICAL_BASIS"
    ended = await registry.post(f"/v1/relationships/{made['id']}/end", {}, desk)
    assert ended.status_code == 200
    assert await code(registry, desk, who, **political) == "POLITICAL_NO_BASIS"


async def test_a_former_customer_is_one_for_a_year(registry: Driver) -> None:
    desk, recent, long_ago = await recording(registry), email(), email()
    since = iso(datetime.now(UTC) - timedelta(days=900))
    for who, days in ((recent, 300), (long_ago, 400)):
        made = await registry.relationship(desk, who, since=since)
        over = {"ended_at": iso(datetime.now(UTC) - timedelta(days=days))}
        await registry.post(f"/v1/relationships/{made['id']}/end", over, desk)
    similar: Json = {"offer": {"own_similar": True}}
    assert await code(registry, desk, recent, **similar) == "SOFT_OPT_IN"
    assert await code(registry, desk, long_ago, **similar) == "NO_CONSENT"


async def test_a_customer_who_objected_is_blocked_whatever_else_is_recorded(registry: Driver) -> None:
    desk, who = await recording(registry), email()
    await objects(registry, desk, who)
    await registry.relationship(desk, who)
    await registry.relationship(desk, who, "member")
    assert await code(registry, desk, who, offer={"own_similar": True}) == "OBJ_DM"
