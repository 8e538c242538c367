"""What survives what, black box: the objection outlives the mandate, the person's number and the agent. The
other half of these stands with consents, erasures, and objections that were ended."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.registry_driver import Driver, Json, Party, email, iso

OBJECTED = ("block", "OBJ_DM")


@pytest.fixture
async def person() -> Json:
    return email()


@pytest.fixture
async def made(registry: Driver, agent: Party, sender: Party, person: Json) -> Json:
    mandate = await registry.mandate(agent, identifiers=[person])
    objection = await registry.objection(agent, mandate, [sender.id], identifiers=[person])
    return {**objection, "mandate": mandate}


async def test_an_objection_outlives_the_day_on_which_its_mandate_ends(
    registry: Driver, agent: Party, sender: Party, person: Json
) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=1)
    mandate = await registry.mandate(agent, identifiers=[person], valid_to=iso(ends))
    objection = await registry.objection(agent, mandate, [sender.id], identifiers=[person])
    await asyncio.sleep((ends - datetime.now(UTC)).total_seconds() + 0.05)
    assert (await registry.get(f"/v1/mandates/{mandate['id']}", agent)).json()["state"] == "expired"
    assert (await registry.get(f"/v1/objections/{objection['id']}", agent)).json()["state"] == "active"
    assert await registry.code(sender, person) == OBJECTED
    late = await registry.object_to(agent, mandate, [sender.id], identifiers=[email()])
    assert late.json()["code"] == "MANDATE_EXPIRED"


async def test_who_has_died_stays_blocked_and_the_mandate_takes_nothing_new(
    registry: Driver, agent: Party, sender: Party, person: Json, made: Json
) -> None:
    """The registry ends the mandate; that it was for a death stands in the reason."""
    ended = {"reason": "the grantor has died", "by": "registry"}
    path = f"/v1/mandates/{made['mandate']['id']}/revoke"
    assert (await registry.post(path, ended, await registry.admin())).status_code == 200
    assert await registry.code(sender, person) == OBJECTED
    late = await registry.object_to(agent, made["mandate"], [sender.id], identifiers=[email()])
    assert late.json()["code"] == "MANDATE_REVOKED"


async def test_doubt_about_a_mandate_is_no_licence_to_send_and_its_confirmation_leaves_no_gap(
    registry: Driver, sender: Party, person: Json, made: Json
) -> None:
    place, why = f"/v1/objections/{made['id']}/void", {"reason": "perhaps forged"}
    await registry.post(place, why, await registry.admin())
    assert await registry.code(sender, person) == ("block", "OBJ_CONTESTED")
    own: Json = {"kinds": ["art21_2"], "controllers": [sender.id], "identifiers": [person], "channels": "all"}
    own |= {"origin": "self", "evidence": {"method": "call", "reference": "the person called"}}
    desk = await registry.desk(sender)
    direct = (await registry.post("/v1/objections", own, desk, Idempotency_Key="confirmed")).json()
    assert direct["received_at"] > made["received_at"], "it is dated today"
    assert (await registry.code(sender, person))[0] == "block"
    assert (await registry.post(place, why, await registry.staff())).json()["state"] == "voided"
    assert await registry.code(sender, person) == OBJECTED


async def test_a_suspended_agent_brings_nothing_new_and_takes_nothing_away(
    registry: Driver, sender: Party, person: Json
) -> None:
    agent = await registry.agent()
    mandate = await registry.mandate(agent, identifiers=[person])
    await registry.objection(agent, mandate, [sender.id], identifiers=[person])
    await registry.post(f"/v1/agents/{agent.id}/suspend", {"reason": "complaints"}, await registry.admin())
    late = await registry.object_to(agent, mandate, [sender.id], identifiers=[email()])
    assert late.json()["code"] == "AGENT_SUSPENDED"
    assert await registry.code(sender, person) == OBJECTED


@pytest.mark.parametrize("right", ["access", "erasure", "close_membership"])
async def test_what_is_more_than_an_objection_is_refused_and_the_objection_stands(
    registry: Driver, agent: Party, sender: Party, person: Json, right: str
) -> None:
    mandate = await registry.mandate(agent, identifiers=[person])
    answer = await registry.object_to(
        agent, mandate, [sender.id], kinds=["art21_2", right], identifiers=[person]
    )
    assert [(one["value"], one["code"]) for one in answer.json()["refused"]] == [(right, "MANDATE_SCOPE")]
    assert await registry.code(sender, person) == OBJECTED


async def test_the_newest_act_of_the_person_wins_and_a_repetition_is_none(
    registry: Driver, agent: Party, sender: Party, person: Json, made: Json
) -> None:
    consent = await registry.consent(await registry.desk(sender), person, channels=["email"])
    assert consent["conflicts"] == ["CONSENT_OBJECTION_CONFLICT"]
    mail = {"channel": "email"}
    assert (await registry.code(sender, person, **mail))[0] == "allow"
    again = await registry.object_to(agent, made["mandate"], [sender.id], identifiers=[person])
    assert again.json()["duplicate_of"] == made["id"]
    assert (await registry.code(sender, person, **mail))[0] == "allow"
    since = {"instructed_at": iso(datetime.now(UTC))}
    await registry.objection(agent, made["mandate"], [sender.id], identifiers=[person], **since)
    assert (await registry.code(sender, person, **mail))[0] == "block"


async def test_a_number_that_changed_hands_takes_evidence_and_a_port_is_none(
    registry: Driver, sender: Party, person: Json, made: Json
) -> None:
    entry, admin = made["controllers"][0]["entry_ids"][0], await registry.admin()
    for evidence in (None, {"method": "other", "reference": "ported to another operator"}):
        answer = await registry.post(
            f"/v1/entries/{entry}/release", {"reason": "reassigned", "evidence": evidence}, admin
        )
        assert answer.json()["code"] == "EVIDENCE_REQUIRED"
        assert await registry.code(sender, person) == OBJECTED
    shown = {"reason": "reassigned", "evidence": {"method": "operator", "reference": "disconnected"}}
    assert (await registry.post(f"/v1/entries/{entry}/release", shown, admin)).status_code == 200
    assert (await registry.code(sender, person))[0] == "allow"


async def test_a_new_number_of_the_person_is_not_covered_until_it_is_added(
    registry: Driver, agent: Party, sender: Party, made: Json
) -> None:
    new = email()
    assert (await registry.code(sender, new))[0] == "allow"
    answer = await registry.post(f"/v1/objections/{made['id']}/identifiers", {"identifiers": [new]}, agent)
    assert answer.status_code in {200, 201}, answer.text
    assert await registry.code(sender, new) == OBJECTED
