"""Positions and sources: what an answer reflects, and whose lists it was asked about."""

from uuid import uuid4

import pytest

from tests.registry_driver import Driver, email


async def test_whoever_saw_an_act_finds_it_in_the_lookup_that_demands_it(registry: Driver) -> None:
    sender, agent, person = await registry.controller(), await registry.agent(), email()
    mandate = await registry.mandate(agent, identifiers=[person])
    made = await registry.objection(agent, mandate, [sender.id], identifiers=[person])
    found = await registry.look_up(sender, person, min_as_of=made["controllers"][0]["as_of"])
    assert found["results"][0]["code"] == "OBJ_DM"
    again = await registry.look_up(sender, person, min_as_of=found["as_of"])
    assert again["as_of"] == found["as_of"]


async def test_every_act_moves_the_position_on(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    positions = [(await registry.look_up(desk))["as_of"]]
    for _ in range(2):
        await registry.enter(desk, email())
        positions.append((await registry.look_up(desk))["as_of"])
    versions = [int(one.split(".")[0]) for one in positions]
    assert versions == [versions[0], versions[0] + 1, versions[0] + 2]


async def test_an_objection_to_all_controllers_has_its_own_position(registry: Driver) -> None:
    sender, agent, person = await registry.controller(), await registry.agent(), email()
    mandate = await registry.mandate(agent, identifiers=[person])
    before = (await registry.look_up(sender))["as_of"]
    await registry.objection(agent, mandate, "all", identifiers=[person])
    found = await registry.look_up(sender, person)
    assert found["results"][0]["code"] == "OBJ_DM"
    assert found["as_of"].split(".")[0] == before.split(".")[0]
    assert int(found["as_of"].split(".")[1]) > int(before.split(".")[1])


@pytest.mark.parametrize("ahead", [(1, 0), (0, 1), (10**15, 10**15)])
@pytest.mark.parametrize("purpose", ["marketing", "emergency"])
async def test_a_position_that_is_not_reached_gets_no_older_answer(
    registry: Driver, ahead: tuple[int, int], purpose: str
) -> None:
    """The list of all controllers is shared with other tests: one ahead of it may come, a thousand not."""
    sender = await registry.controller()
    mine, everybody = (await registry.look_up(sender))["as_of"].split(".")
    demanded = f"{int(mine) + ahead[0]}.{int(everybody) + 1000 * ahead[1]}"
    answer = await registry.ask(sender, email(), min_as_of=demanded, purpose=purpose)
    assert (answer.status_code, answer.json()["code"]) == (503, "NOT_FRESH")
    assert answer.headers["retry-after"] == "1"
    assert "results" not in answer.json()


@pytest.mark.parametrize(
    "garbage",
    ["", "1", "1.", ".1", "1.2.3", "-1.0", "1,0", "a.b", "\u0661.\u0660", "1.0 ", "latest", "9" * 41],
)
async def test_garbage_is_no_position(registry: Driver, garbage: str) -> None:
    sender = await registry.controller()
    answer = await registry.ask(sender, email(), min_as_of=garbage)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/min_as_of"]


async def test_a_block_counts_only_for_the_source_that_is_named(registry: Driver) -> None:
    sender, person = await registry.controller(), email()
    source, other = await registry.source(), await registry.source()
    assert (await registry.block_at(source, person)).status_code == 201
    codes = {}
    for name, given in {
        "it": {"id": source.id},
        "another": {"id": other.id},
        "own": {"kind": "own"},
        "none": None,
        "bought": {"kind": "bought"},
        "bought, and named": {"kind": "bought", "id": other.id},
    }.items():
        codes[name] = (await registry.code(sender, person, source=given))[1]
    assert codes == {
        "it": "SOURCE_BLOCKED",
        "another": "NO_OBJECTION_FOUND",
        "own": "NO_OBJECTION_FOUND",
        "none": "NO_OBJECTION_FOUND",
        "bought": "SOURCE_UNKNOWN",
        "bought, and named": "NO_OBJECTION_FOUND",
    }


@pytest.mark.parametrize("kind", ["bought", "rented", "partner"])
async def test_data_of_others_without_a_source_is_blocked_for_marketing_and_politics(
    registry: Driver, kind: str
) -> None:
    sender = await registry.controller()
    codes = {
        purpose: (await registry.code(sender, email(), purpose=purpose, source={"kind": kind}))[1]
        for purpose in ("marketing", "fundraising", "political", "service", "research")
    }
    unknown = dict.fromkeys(("marketing", "fundraising", "political"), "SOURCE_UNKNOWN")
    assert codes == {**unknown, "service": "SERVICE", "research": "RESEARCH"}


async def test_a_source_that_does_not_exist_cannot_be_named(registry: Driver) -> None:
    sender, agent = await registry.controller(), await registry.agent()
    for unknown in (str(uuid4()), sender.id, agent.id):
        answer = await registry.ask(sender, email(), source={"id": unknown})
        assert (answer.status_code, answer.json()["code"]) == (422, "UNKNOWN_REFERENCE")
