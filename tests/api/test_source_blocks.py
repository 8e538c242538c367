"""A person blocks a source: no dispatch that uses its lists reaches them, a political one neither."""

from uuid import UUID, uuid4

import pytest

from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party, email


async def codes(registry: Driver, person: Json, source: Party | None) -> dict[str, str]:
    sender = await registry.controller(policy={"political": "legacy_2022"})
    named = {"id": source.id} if source else None
    purposes = ("marketing", "fundraising", "political", "research", "service", "societal_public", "winback")
    return {
        purpose: (await registry.code(sender, person, purpose=purpose, source=named))[1]
        for purpose in purposes
    }


async def test_a_block_is_answered_whole_and_by_default_is_for_all(registry: Driver) -> None:
    source, person = await registry.source(), email()
    answer = await registry.block_at(source, person)
    assert answer.status_code == 201
    made = answer.json()
    said = {name: made[name] for name in ("kind", "state", "scope", "channels", "purposes", "service_id")}
    assert said == {
        "kind": "source_block",
        "state": "active",
        "scope": "controller",
        "channels": "all",
        "purposes": "all",
        "service_id": None,
    }
    assert set((await codes(registry, person, source)).values()) == {"SOURCE_BLOCKED"}


async def test_without_naming_the_source_nobody_is_blocked(registry: Driver) -> None:
    source, person = await registry.source(), email()
    await registry.block_at(source, person)
    for named in (None, await registry.source()):
        assert "SOURCE_BLOCKED" not in (await codes(registry, person, named)).values()


async def test_a_narrowed_block_stops_its_purposes_alone(registry: Driver) -> None:
    source, person = await registry.source(), email()
    made = await registry.block_at(source, person, purposes=["political", "direct_marketing"])
    assert made.json()["purposes"] == ["direct_marketing", "political"]
    found = await codes(registry, person, source)
    blocked = {purpose for purpose, code in found.items() if code == "SOURCE_BLOCKED"}
    assert blocked == {"marketing", "fundraising", "winback", "political", "societal_public"}


async def test_the_default_of_a_source_may_be_narrower(registry: Driver) -> None:
    source, person, other = await registry.source(["direct_marketing"]), email(), email()
    assert (await registry.block_at(source, person)).json()["purposes"] == ["direct_marketing"]
    assert (await codes(registry, person, source))["political"] == "POLITICAL_INFO"
    assert (await registry.block_at(source, other, purposes="all")).json()["purposes"] == "all"
    assert (await codes(registry, other, source))["political"] == "SOURCE_BLOCKED"


async def test_all_said_and_all_by_default_are_the_same_block(registry: Driver) -> None:
    source, person = await registry.source(), email()
    first = await registry.block_at(source, person)
    again = await registry.block_at(source, person, purposes="all")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["duplicate_of"] == first.json()["id"]


@pytest.mark.parametrize("channel", ["sms", "voice_live", "post_addressed", "list_share"])
async def test_a_block_at_the_source_holds_in_every_channel(registry: Driver, channel: str) -> None:
    source, person, sender = await registry.source(), email(), await registry.controller()
    await registry.block_at(source, person)
    found = await registry.code(sender, person, channel=channel, source={"id": source.id})
    assert found == ("block", "SOURCE_BLOCKED")


async def test_an_emergency_passes_a_blocked_source(registry: Driver) -> None:
    source, person, sender = await registry.source(), email(), await registry.controller()
    await registry.block_at(source, person)
    found = await registry.code(sender, person, purpose="emergency", source={"id": source.id})
    assert found == ("allow", "EMERGENCY")


async def test_a_source_blocks_only_at_itself(registry: Driver) -> None:
    source, other, person = await registry.source(), await registry.source(), email()
    controller = await registry.controller()
    for target in (other.id, str(uuid4()), controller.id):
        answer = await registry.post(f"/v1/sources/{target}/blocks", {"identifier": person}, source)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert "SOURCE_BLOCKED" not in (await codes(registry, person, other)).values()


async def test_an_admin_blocks_at_any_source_and_others_at_none(registry: Driver) -> None:
    source, person = await registry.source(), email()
    path, body = f"/v1/sources/{source.id}/blocks", {"identifier": person}
    for role in ("sender", "customer_service"):
        controller = await registry.controller(role)
        assert (await registry.post(path, body, controller)).json()["code"] == "ROLE_DENIED"
    assert (await registry.post(path, body, await registry.agent())).json()["code"] == "ROLE_DENIED"
    assert (await registry.post(path, body, await registry.admin())).status_code == 201
    unknown = await registry.post(f"/v1/sources/{uuid4()}/blocks", body, await registry.admin())
    assert unknown.json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize("purposes", [[], ["pigeon"], "marketing", None, ["all"]])
async def test_the_purposes_of_a_block_are_words_of_the_table(registry: Driver, purposes: object) -> None:
    source = await registry.source()
    answer = await registry.block_at(source, email(), purposes=purposes)
    if purposes is None:
        assert answer.status_code == 201
    else:
        assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")


async def test_a_block_is_journalled_under_the_source(registry: Driver, database_url: str) -> None:
    source = await registry.source()
    made = (await registry.block_at(source, email())).json()
    connection = await superuser(database_url)
    sql = "SELECT kind, actor_id, outcome FROM registry.event WHERE object_id = $1"
    row = await connection.fetchrow(sql, UUID(made["id"]))
    await connection.close()
    assert tuple(row) == ("entry.recorded", UUID(source.id), "done")
