"""A newer mandate takes the place of an older one; death and coming of age close it. Objections stay."""

from typing import Any

import pytest

from tests.registry_driver import Driver, Json, Party, claims

CHILD = {"type": "personal_number", "value": "200002292399", "country": "SE"}


async def superseded(registry: Driver, old: Json, new: Json, who: Party) -> Any:
    return await registry.post(f"/v1/mandates/{old['id']}/supersede", {"by": new["id"]}, who)


async def test_overlapping_mandates_stand_each_alone(registry: Driver, agent: Party, sender: Party) -> None:
    ended, other = await registry.mandate(agent), await registry.mandate(agent)
    body = {"reason": "The grantor ended it", "by": "grantor"}
    answer = await registry.post(f"/v1/mandates/{ended['id']}/revoke", body, agent)
    assert (answer.status_code, answer.json()["state"]) == (200, "revoked")
    refused = await registry.object_to(agent, ended, [sender.id])
    assert refused.json()["code"] == "MANDATE_REVOKED"
    await registry.objection(agent, other, [sender.id])
    assert await registry.code(sender) == ("block", "OBJ_DM")


PETER = {"type": "personal_number", "value": "196408233234", "country": "SE"}


async def beside(registry: Driver, mandate: Json, who: Party) -> Any:
    answer = await registry.get(f"/v1/mandates/{mandate['id']}/beside", who)
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json()["items"]}


async def test_overlapping_mandates_of_a_person_are_shown_beside_each_other(
    registry: Driver, agent: Party
) -> None:
    """The registry sees them all; an agent its own, and not that the person has another agent."""
    peter = {"grantor": PETER, "identifiers": []}
    stranger, admin = await registry.agent(), await registry.admin()
    first = await registry.mandate(agent, **peter, rights=["object_dm", "receive_status"])
    second = await registry.mandate(agent, **peter, channels=["sms"])
    foreign = await registry.mandate(stranger, **peter)
    later = await registry.mandate(
        agent, **peter, valid_from="2029-01-01T00:00:00Z", valid_to="2029-02-01T00:00:00Z"
    )
    await registry.mandate(agent, grantor=CHILD, identifiers=[])
    assert list(await beside(registry, first, admin)) == [foreign["id"], second["id"]]
    assert list(await beside(registry, first, agent)) == [second["id"]]
    assert await beside(registry, foreign, stranger) == {}
    assert await beside(registry, later, admin) == {}
    shown = (await beside(registry, second, agent))[first["id"]]
    assert shown == {name: first[name] for name in shown}
    assert shown["rights"] == ["object_dm", "receive_status"]
    await superseded(registry, first, second, agent)
    assert (await beside(registry, second, agent))[first["id"]]["state"] == "superseded"


async def test_whoever_reads_a_mandate_has_read_what_is_shown_beside_it(registry: Driver) -> None:
    agent, admin = await registry.agent(), await registry.admin()
    one, other = [await registry.mandate(agent, grantor=CHILD, identifiers=[]) for _ in range(2)]
    await beside(registry, one, admin)
    events = (await registry.get(f"/v1/mandates/{other['id']}/events", agent)).json()["items"]
    assert [event["kind"] for event in events] == ["mandate.registered", "mandate.read"]


async def test_a_rejected_mandate_stands_beside_none(registry: Driver) -> None:
    stranger = await registry.agent()
    grantor = {"grantor": PETER, "identifiers": []}
    good = await registry.mandate(stranger, **grantor)
    evidence = {"kind": "agent_jws", "jws": "a.b.c"}
    answer = await registry.post("/v1/mandates", {**claims(**grantor), "evidence": evidence}, stranger)
    assert answer.json()["state"] == "rejected"
    assert await beside(registry, good, stranger) == {}
    assert list(await beside(registry, answer.json(), stranger)) == [good["id"]]


async def test_a_superseded_mandate_takes_nothing_new_in_and_keeps_what_was_received(
    registry: Driver, agent: Party, sender: Party
) -> None:
    old = await registry.mandate(agent)
    await registry.objection(agent, old, [sender.id])
    new = await registry.mandate(agent)
    answer = await superseded(registry, old, new, agent)
    assert (answer.status_code, answer.json()["state"]) == (200, "superseded")
    assert await registry.code(sender) == ("block", "OBJ_DM")
    refused = await registry.object_to(agent, old, [(await registry.controller()).id])
    assert refused.json()["code"] == "MANDATE_CLOSED"
    await registry.objection(agent, new, [(await registry.controller()).id])


async def test_only_a_newer_mandate_in_force_of_the_same_person_and_agent_takes_the_place(
    registry: Driver, agent: Party
) -> None:
    old, new = await registry.mandate(agent), await registry.mandate(agent)
    of_another = await registry.mandate(agent, grantor=CHILD, identifiers=[])
    for one, by in ((new, old), (old, old), (old, of_another)):
        assert (await superseded(registry, one, by, agent)).json()["code"] == "STATE_CONFLICT"
    stranger = await registry.agent()
    foreign = await registry.mandate(stranger)
    assert (await superseded(registry, old, foreign, agent)).json()["code"] == "MANDATE_NOT_FOUND"
    assert (await superseded(registry, foreign, new, agent)).json()["code"] == "MANDATE_NOT_FOUND"


@pytest.mark.parametrize("cause", ["death", "of_age"])
async def test_a_closed_mandate_takes_nothing_new_in_and_the_block_stays(
    registry: Driver, agent: Party, sender: Party, cause: str
) -> None:
    made = await registry.mandate(agent)
    await registry.objection(agent, made, [sender.id])
    body = {"cause": cause, "reason": "Told by the family"}
    path = f"/v1/mandates/{made['id']}/close"
    answer = await registry.post(path, body, await registry.admin())
    assert (answer.status_code, answer.json()["state"]) == (200, "closed")
    refused = await registry.object_to(agent, made, [(await registry.controller()).id])
    assert refused.json()["code"] == "MANDATE_CLOSED"
    assert await registry.code(sender) == ("block", "OBJ_DM")
    assert (await registry.post(path, body, agent)).json()["code"] == "STATE_CONFLICT"
