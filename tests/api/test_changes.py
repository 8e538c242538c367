"""The change feed over HTTP: what it says of each thing that happens, and to whom."""

from typing import Any

import pytest

from tests.api.following import ask_changes, here, objects, page, rest
from tests.registry_driver import Driver, Json, Party, email

NOT_IMPLIED = ["erasure", "end_of_membership", "disclosure"]
CALL = {"reason": "Wants it again.", "evidence": {"method": "call", "reference": "call 7"}}


@pytest.fixture
async def desk(registry: Driver) -> Party:
    return await registry.controller("customer_service")


async def since(registry: Driver, who: Party, after: str) -> list[tuple[str, str]]:
    return [(one["change"], one["entry_id"]) for one in (await rest(registry, who, after))[0]]


async def test_a_wish_at_the_own_desk_is_told_with_what_it_asks_for_and_the_identifier(
    registry: Driver, desk: Party
) -> None:
    start, person = await here(registry, desk), email()
    entry = (await registry.enter(desk, person)).json()
    found = await page(registry, desk, after=start)
    [item] = found["items"]
    assert (item["change"], item["entry_id"], item["kind"]) == ("activated", entry["id"], "dnc")
    assert item["identifier"] == {"type": "email", "canonical": person["value"]}
    assert (item["instruction"], item["not_implied"]) == ("stop_direct_marketing", NOT_IMPLIED)
    assert (item["channels"], item["everywhere"], item["at"]) == ("all", False, entry["since"])
    assert found["next_cursor"] is None
    assert (await page(registry, desk, after=found["as_of"]))["items"] == []


async def test_an_objection_is_told_without_its_identifier_and_without_who_posted_it(
    registry: Driver, desk: Party, agent: Party, mandate: Json
) -> None:
    start = await here(registry, desk)
    made = await registry.objection(agent, mandate, [desk.id])
    answer = await ask_changes(registry, desk, after=start)
    [item] = answer.json()["items"]
    assert [item["entry_id"]] == made["controllers"][0]["entry_ids"]
    assert (item["change"], item["kind"], item["identifier"]) == ("activated", "objection", None)
    assert item["not_implied"] == NOT_IMPLIED
    for hidden in (mandate["id"], agent.id, "46701740605", made["id"]):
        assert hidden not in answer.text


async def test_an_objection_to_all_controllers_is_told_to_each(
    registry: Driver, desk: Party, agent: Party
) -> None:
    other, person = await registry.controller(), email()
    starts = [await here(registry, one) for one in (desk, other)]
    mandate = await registry.mandate(agent, identifiers=[person])
    made = await registry.objection(agent, mandate, "all", identifiers=[person])
    seen = [(await rest(registry, one, at))[0] for one, at in zip((desk, other), starts, strict=True)]
    entry = made["controllers"][0]["entry_ids"][0]
    mine, theirs = ([one for one in items if one["entry_id"] == entry] for items in seen)
    assert [(one["change"], one["everywhere"], one["identifier"]) for one in mine] == [
        ("activated", True, None)
    ]
    assert mine[0]["entry_id"] == theirs[0]["entry_id"]
    assert mine[0]["id"] != theirs[0]["id"]


async def test_a_release_is_told(registry: Driver, desk: Party) -> None:
    entry = (await registry.enter(desk, email())).json()
    start = await here(registry, desk)
    await registry.post(f"/v1/entries/{entry['id']}/release", CALL, desk)
    [item] = (await rest(registry, desk, start))[0]
    assert (item["change"], item["entry_id"]) == ("released", entry["id"])
    assert (item["instruction"], item["not_implied"]) == (None, [])


async def test_a_withdrawn_objection_is_told_as_released(registry: Driver, desk: Party, agent: Party) -> None:
    person = email()
    mandate = await registry.mandate(agent, rights=["object_dm", "withdraw_objection"], identifiers=[person])
    made = await registry.objection(agent, mandate, [desk.id], identifiers=[person])
    start = await here(registry, desk)
    evidence = {"evidence": {"method": "agent", "reference": "w-1"}}
    answer = await registry.post(f"/v1/objections/{made['id']}/withdraw", evidence, agent)
    assert answer.status_code == 200, answer.text
    entry = made["controllers"][0]["entry_ids"][0]
    assert await since(registry, desk, start) == [("released", entry)]


async def test_a_later_consent_masks_an_objection_until_it_is_withdrawn(
    registry: Driver, desk: Party
) -> None:
    person = email()
    entry = (await objects(registry, desk, person))["controllers"][0]["entry_ids"][0]
    start = await here(registry, desk)
    consent = await registry.consent(desk, person, channels=["email"])
    [item] = (await rest(registry, desk, start))[0]
    assert (item["change"], item["entry_id"], item["channels"]) == ("masked", entry, ["email"])
    assert (item["purposes"], item["identifier"], item["instruction"]) == (["marketing"], None, None)
    assert (await registry.code(desk, person, channel="email"))[0] == "allow"
    after = item["as_of"]
    await registry.post(f"/v1/consents/{consent['id']}/withdraw", {}, desk)
    [item] = (await rest(registry, desk, after))[0]
    assert (item["change"], item["entry_id"], item["channels"]) == ("unmasked", entry, ["email"])
    assert (await registry.code(desk, person, channel="email"))[0] == "block"


@pytest.mark.parametrize("before", ["provisional", "contested"])
async def test_the_end_of_a_consent_is_told_whatever_was_in_doubt_before(
    registry: Driver, desk: Party, agent: Party, before: str
) -> None:
    person, seen = email(), {"outcome": "accepted", "reason": "Compared with the passport"}
    paper = {"kind": "document", "media_type": "application/pdf", "content": "JVBERi0xLjc="}
    mandate = await registry.mandate(agent, **({"evidence": paper} if before == "provisional" else {}))
    made = await registry.objection(agent, mandate, [desk.id], identifiers=[person])
    consent, path = await registry.consent(desk, person, channels=["email"]), f"/v1/mandates/{mandate['id']}"
    if before == "provisional":
        await registry.post(f"{path}/review", seen, await registry.admin())
    else:
        for finding in ("forged", "genuine"):
            said = {"reason": "Said to be forged", "finding": finding}
            await registry.post(f"{path}/contest", said, await registry.admin())
    assert (await registry.code(desk, person, channel="email"))[0] == "allow"
    start = await here(registry, desk)
    await registry.post(f"/v1/consents/{consent['id']}/withdraw", {}, desk)
    assert (await registry.code(desk, person, channel="email"))[0] == "block"
    assert await since(registry, desk, start) == [("unmasked", made["controllers"][0]["entry_ids"][0])]


@pytest.mark.parametrize(
    "weak",
    [
        {"given_by": "third_party"},
        {"names_controller": False},
        {"given_at": "2026-01-01T00:00:00Z"},
        {"purposes": ["political"]},
    ],
    ids=["by somebody else", "to somebody else", "before it", "for something else"],
)
async def test_a_consent_that_lifts_nothing_masks_nothing(
    registry: Driver, desk: Party, weak: dict[str, Any]
) -> None:
    person = email()
    await objects(registry, desk, person)
    start = await here(registry, desk)
    await registry.consent(desk, person, channels=["email"], **weak)
    assert await since(registry, desk, start) == []


async def test_where_the_policy_lets_no_consent_lift_an_objection_nothing_is_masked(registry: Driver) -> None:
    desk, person = (
        await registry.controller("customer_service", policy={"consent_lifts_objection": False}),
        email(),
    )
    await registry.enter(desk, person)
    start = await here(registry, desk)
    await registry.consent(desk, person, channels=["email"])
    assert await since(registry, desk, start) == []


async def test_a_contested_objection_is_told_and_then_its_end(
    registry: Driver, desk: Party, agent: Party
) -> None:
    person = email()
    mandate = await registry.mandate(agent, identifiers=[person])
    made = await registry.objection(agent, mandate, [desk.id], identifiers=[person])
    entry = made["controllers"][0]["entry_ids"][0]
    start = await here(registry, desk)
    for admin in (await registry.staff(), await registry.staff()):
        answer = await registry.post(f"/v1/objections/{made['id']}/void", {"reason": "Forged."}, admin)
        assert answer.status_code == 200, answer.text
    assert await since(registry, desk, start) == [("contested", entry), ("released", entry)]


@pytest.mark.parametrize("everywhere", [False, True], ids=["own list", "all controllers"])
async def test_what_became_of_a_general_objection_is_told_to_who_weighed_it(
    registry: Driver, desk: Party, *, everywhere: bool
) -> None:
    person, other = email(), await registry.controller()
    named: Any = "all" if everywhere else [desk.id]
    by = await registry.admin() if everywhere else desk
    made = await objects(registry, by, person, kinds=["art21_1"], controllers=named)
    entry = made["controllers"][0]["entry_ids"][0]
    start, elsewhere = await here(registry, desk), await here(registry, other)
    said = {"outcome": "rejected", "reasons": "Compelling grounds."}
    answer = await registry.post(f"/v1/objections/{made['id']}/assess", said, desk)
    assert answer.status_code == 200, answer.text
    [item] = (await rest(registry, desk, start))[0]
    assert (item["change"], item["entry_id"], item["objection_id"]) == ("rejected", entry, made["id"])
    assert item["everywhere"] is everywhere
    assert await since(registry, other, elsewhere) == []


async def test_below_the_demanded_level_it_is_told_as_provisional_and_asks_for_the_same(
    registry: Driver, agent: Party
) -> None:
    desk = await registry.controller("customer_service", policy={"minimum_level": "L4"})
    person = email()
    start = await here(registry, desk)
    mandate = await registry.mandate(agent, identifiers=[person])
    await registry.objection(agent, mandate, [desk.id], identifiers=[person])
    [item] = (await rest(registry, desk, start))[0]
    assert (item["change"], item["instruction"]) == ("provisional", "stop_direct_marketing")


async def test_an_erased_person_is_a_tombstone_and_no_longer_named(registry: Driver, desk: Party) -> None:
    start, person = await here(registry, desk), email()
    entry = (await registry.enter(desk, person)).json()
    request = {"identifiers": [person], "reason": "Asked for it."}
    for admin in (await registry.staff(), await registry.staff()):
        answer = await registry.post("/v1/subjects/erase", request, admin)
        assert answer.status_code in {200, 202}, answer.text
    items = (await rest(registry, desk, start))[0]
    assert [(one["change"], one["entry_id"]) for one in items] == [
        ("activated", entry["id"]),
        ("tombstoned", entry["id"]),
    ]
    assert [one["identifier"] for one in items] == [{"type": "email", "canonical": None}] * 2


async def test_nobody_sees_the_changes_of_another_controller(registry: Driver, desk: Party) -> None:
    other = await registry.controller()
    start = await here(registry, other)
    await registry.enter(desk, email())
    assert await since(registry, other, start) == []
    answer = await ask_changes(registry, other, controller_id=desk.id)
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_CONTROLLER")


async def test_a_processor_names_the_controller_it_acts_for(registry: Driver, desk: Party) -> None:
    other = await registry.controller("customer_service")
    processor = await registry.processor(desk, other)
    start = await here(registry, processor, controller_id=desk.id)
    entry = (await registry.enter(desk, email())).json()
    await registry.enter(other, email())
    items, _ = await rest(registry, processor, start, controller_id=desk.id)
    assert [one["entry_id"] for one in items] == [entry["id"]]
    assert (await ask_changes(registry, processor)).status_code == 422


@pytest.mark.parametrize("role", ["agent", "source", "admin", "auditor"])
async def test_other_roles_have_no_feed(registry: Driver, agent: Party, role: str) -> None:
    who = {"agent": agent, "admin": await registry.admin()}.get(role)
    if who is None:
        who = await registry.source() if role == "source" else await registry.staff("auditor")
    answer = await ask_changes(registry, who)
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")


async def test_the_answer_holds_no_fingerprint(registry: Driver, desk: Party, behind: Any) -> None:
    start = await here(registry, desk)
    entry = (await registry.enter(desk, email())).json()
    rows = await behind.fetch(
        "SELECT fingerprint FROM registry.entry_key WHERE entry_id = $1::text::uuid", entry["id"]
    )
    text = (await ask_changes(registry, desk, after=start)).text
    assert rows
    assert not any(str(row["fingerprint"]) in text or row["fingerprint"].hex in text for row in rows)
