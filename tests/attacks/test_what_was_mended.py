"""Ways around an objection, or around those who may end it, that were open once. Each stays closed."""

from secrets import token_hex

import pytest

from tests.registry_driver import Driver, Json, Party, email, objection

BLOCKED = ("block", "OBJ_DM")
OPERATOR: Json = {"reason": "reassigned", "evidence": {"method": "operator", "reference": "port list 7"}}
SAID: Json = {"method": "call", "reference": "case 8"}
WHY = {"reason": "a forged mandate"}


@pytest.fixture(scope="module")
async def agent(registry: Driver) -> Party:
    return await registry.agent()


@pytest.fixture(scope="module")
async def mandate(registry: Driver, agent: Party) -> Json:
    return await registry.mandate(agent)


@pytest.fixture
async def sender(registry: Driver) -> Party:
    return await registry.controller()


async def released(registry: Driver, made: Json) -> None:
    admin = await registry.admin()
    for entry_id in made["controllers"][0]["entry_ids"]:
        answer = await registry.post(f"/v1/entries/{entry_id}/release", OPERATOR, admin)
        assert answer.status_code == 200, answer.text


async def own_words(registry: Driver, desk: Party, person: Json, **fields: object) -> Json:
    body = {"origin": "self", "evidence": SAID, "kinds": ["art21_2"], "controllers": [desk.id]}
    sent = {**body, "identifiers": [person], **fields}
    answer = await registry.post("/v1/objections", sent, desk, Idempotency_Key=token_hex(8))
    assert answer.status_code in {200, 201}, answer.text
    made: Json = answer.json()
    return made


async def test_an_objection_said_again_after_a_release_blocks_again(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    person = email()
    first = await registry.objection(agent, mandate, [sender.id], identifiers=[person])
    await released(registry, first)
    again = await registry.objection(agent, mandate, [sender.id], identifiers=[person])
    assert again["id"] != first["id"]
    assert await registry.code(sender, person) == BLOCKED


async def test_an_identifier_added_again_after_a_release_blocks_again(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    person = email()
    made = await registry.objection(agent, mandate, [sender.id], identifiers=[person, email()])
    await released(registry, made)
    body = {"identifiers": [person]}
    answer = await registry.post(f"/v1/objections/{made['id']}/identifiers", body, agent)
    assert answer.status_code == 200
    assert await registry.code(sender, person) == BLOCKED


async def test_a_repetition_tells_what_was_refused_of_itself(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    person = email()
    first = await registry.objection(agent, mandate, [sender.id], identifiers=[person])
    asked = objection(mandate["id"], [sender.id, "org:999"], kinds=["art21_2", "erasure"])
    asked["identifiers"] = [{"type": "phone", "value": "abc", "region": "SE"}, person]
    answer = await registry.post("/v1/objections", asked, agent, Idempotency_Key=token_hex(8))
    told = answer.json()
    assert (answer.status_code, told["duplicate_of"]) == (200, first["id"])
    assert {(part["part"], part["code"]) for part in told["refused"]} == {
        ("kind", "MANDATE_SCOPE"),
        ("controller", "AUTH_CONTROLLER"),
    }
    assert [(one["index"], one["accepted"]) for one in told["identifiers"]] == [(0, False), (1, True)]


async def test_who_confirms_a_contested_objection_is_not_voided_with_it(
    registry: Driver, sender: Party
) -> None:
    desk, person = await registry.desk(sender), email()
    doubted = await own_words(registry, desk, person)
    place = f"/v1/objections/{doubted['id']}/void"
    await registry.post(place, WHY, await registry.admin())
    confirmed = await own_words(registry, desk, person)
    assert confirmed["id"] != doubted["id"]
    ended = await registry.post(place, WHY, await registry.staff())
    assert ended.json()["state"] == "voided"
    assert await registry.code(sender, person) == BLOCKED


async def test_a_controllers_own_people_do_not_void_or_release_what_is_directed_at_it(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    person = email()
    made = await registry.objection(agent, mandate, [sender.id], identifiers=[person])
    insider = await registry.credential(sender.id, "admin")
    entry_id = made["controllers"][0]["entry_ids"][0]
    for path, body in ((f"objections/{made['id']}/void", WHY), (f"entries/{entry_id}/release", OPERATOR)):
        refused = await registry.post(f"/v1/{path}", body, insider)
        assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_DENIED")
    assert await registry.code(sender, person) == BLOCKED


async def test_a_suspended_agent_does_not_resume_itself(registry: Driver) -> None:
    agent = await registry.agent()
    await registry.post(f"/v1/agents/{agent.id}/suspend", WHY, await registry.admin())
    insider = await registry.credential(agent.id, "admin")
    refused = await registry.post(f"/v1/agents/{agent.id}/resume", WHY, insider)
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_DENIED")


async def test_an_entry_of_an_objection_shows_no_spelling_that_its_controller_did_not_have(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    name = token_hex(6)
    secret = {"type": "email", "value": f"{name}+secretshop@example.com"}
    await registry.objection(agent, mandate, [sender.id], identifiers=[secret])
    desk = await registry.desk(sender)
    asked = {"identifier": {"type": "email", "value": f"{name}@example.com"}}
    answer = await registry.post("/v1/entries/search", asked, desk)
    assert [one["identifier"]["canonical"] for one in answer.json()["items"]] == [None]
    assert "secretshop" not in answer.text


@pytest.mark.parametrize("blank", ["  ", "\u200b", "-"], ids=["blanks", "zero width", "dash"])
async def test_a_reference_that_says_nothing_is_no_legal_basis(
    registry: Driver, sender: Party, blank: str
) -> None:
    asked = {"purpose": "legal_notice", "legal_basis_ref": blank}
    assert await registry.code(sender, email(), **asked) == ("block", "INPUT_INVALID")


async def test_all_or_nothing_may_be_said_in_the_query_too(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    person = email()
    items = [objection(mandate["id"], [sender.id], identifiers=[person]), {"kinds": 1}]
    answer = await registry.post("/v1/objections/batch?on_error=abort", {"items": items}, agent)
    assert (answer.status_code, answer.json()["code"]) == (409, "BATCH_ABORTED")
    assert await registry.code(sender, person) == ("allow", "NO_OBJECTION_FOUND")


async def test_identifiers_of_one_recipient_count_towards_the_limit(registry: Driver, sender: Party) -> None:
    several = {"all": [{"type": "customer_ref", "value": str(n)} for n in range(16)]}
    body = {"controller_id": sender.id, "channel": "sms", "purpose": "marketing"}
    answer = await registry.post("/v1/lookups", {**body, "identifiers": [several] * 3126}, sender)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_an_objection_to_marketing_that_names_politics_still_stops_marketing(
    registry: Driver, sender: Party
) -> None:
    desk, person = await registry.desk(sender), email()
    await own_words(registry, desk, person, purposes=["political"])
    assert await registry.code(sender, person) == BLOCKED
    assert await registry.code(sender, person, purpose="political") == ("block", "OBJ_SCOPE")


async def test_a_consent_for_one_identifier_lifts_nothing_from_another_beside_it(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    objector, willing, desk = email(), email(), await registry.desk(sender)
    await registry.objection(agent, mandate, [sender.id], identifiers=[objector])
    await registry.consent(desk, willing)
    both: Json = {"all": [objector, willing]}
    assert (await registry.code(sender, both))[0] == "block"
    await registry.consent(desk, objector)
    assert (await registry.code(sender, both))[0] == "allow"


async def test_an_older_consent_beside_an_objection_lets_no_consent_for_another_lift_it(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    objector, willing, desk = email(), email(), await registry.desk(sender)
    await registry.consent(desk, objector, channels=["email"], given_at="2026-01-01T00:00:00Z")
    await registry.objection(agent, mandate, [sender.id], identifiers=[objector])
    await registry.consent(desk, willing)
    assert (await registry.code(sender, objector))[0] == "block"
    assert (await registry.code(sender, {"all": [objector, willing]}))[0] == "block"
    await registry.consent(desk, objector)
    assert (await registry.code(sender, {"all": [objector, willing]}))[0] == "allow"


async def test_a_withdrawn_consent_is_not_forgotten_beside_an_opt_out_of_something_else(
    registry: Driver, sender: Party
) -> None:
    gone, other, desk = email(), email(), await registry.desk(sender)
    consent = await registry.consent(desk, gone, channels=["email"])
    await registry.post(f"/v1/consents/{consent['id']}/withdraw", {}, desk)
    made = await registry.enter(desk, other, "channel_optout", channels=["sms"])
    assert made.status_code == 201, made.text
    both = {"all": [gone, other]}
    assert await registry.code(sender, both, channel="email") == ("block", "CONSENT_WITHDRAWN")
    await registry.consent(desk, gone, channels=["email"])
    assert (await registry.code(sender, both, channel="email"))[0] == "allow"


async def test_a_withdrawn_consent_is_not_forgotten_where_a_service_was_left_under_another_form(
    registry: Driver, sender: Party
) -> None:
    plain, desk = email(), await registry.desk(sender)
    tagged = {"type": "email", "value": plain["value"].replace("@", "+news@")}
    consent = await registry.consent(desk, plain, channels=["email"])
    await registry.post(f"/v1/consents/{consent['id']}/withdraw", {}, desk)
    made = await registry.enter(desk, tagged, "service_unsub", service_id="news")
    assert made.status_code == 201, made.text
    for form in (plain, tagged):
        assert await registry.code(sender, form, channel="email") == ("block", "CONSENT_WITHDRAWN")
