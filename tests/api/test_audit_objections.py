"""The chain of an objection: what happened to it, its mandate and its entries, with who and why."""

from typing import Any
from uuid import uuid4

import pytest

from tests.registry_driver import Driver, Json, Party


@pytest.fixture(scope="module")
async def auditor(registry: Driver) -> Party:
    return await registry.staff("auditor")


async def chain(registry: Driver, objection: Json, who: Party, query: str = "") -> Any:
    path = f"/v1/audit/objections/{objection['id']}{query}"
    return await registry.get(path, who, Sparr_Purpose="Complaint 21")


async def test_the_chain_leads_from_the_mandate_to_the_last_state(
    registry: Driver, agent: Party, sender: Party, auditor: Party
) -> None:
    made = await registry.mandate(agent)
    objection = await registry.objection(agent, made, [sender.id])
    first, second = await registry.admin(), await registry.staff()
    doubt = {"reason": "The grantor calls it forged"}
    for admin in (first, second):
        await registry.post(f"/v1/mandates/{made['id']}/contest", doubt, admin)
    answer = await chain(registry, objection, auditor)
    found = answer.json()
    assert (answer.status_code, found["objection"]["state"], found["mandate"]["state"]) == (
        200,
        "voided",
        "void",
    )
    happened = [(one["about"], one["kind"]) for one in found["items"]]
    assert happened[:2] == [("mandate", "mandate.registered"), ("objection", "objection.received")]
    # What happens in one act has no order.
    assert set(happened[2:4]) == {("mandate", "mandate.contested"), ("objection", "objection.contested")}
    assert set(happened[4:]) == {("mandate", "mandate.voided"), ("objection", "objection.voided")}
    told = {one["kind"]: one for one in found["items"]}
    assert {told[kind]["said"]["reason"] for kind in ("mandate.contested", "mandate.voided")} == {
        doubt["reason"]
    }
    assert told["objection.contested"]["credential_id"] == first.credential["client_id"]
    assert told["objection.voided"]["credential_id"] == second.credential["client_id"]


async def test_the_reading_is_journalled_at_the_objection_and_at_its_mandate(
    registry: Driver, agent: Party, sender: Party, auditor: Party
) -> None:
    objection = await registry.objection(agent, await registry.mandate(agent), [sender.id])
    await chain(registry, objection, auditor)
    found = (await chain(registry, objection, auditor)).json()["items"]
    read = [(one["kind"], one["actor_id"], one["said"]) for one in found[2:]]
    purpose = {"purpose": "Complaint 21"}
    assert sorted(read) == [
        ("mandate.read", auditor.id, purpose),
        ("objection.audited", auditor.id, purpose),
    ]


async def test_a_reader_with_short_pages_comes_to_an_end(
    registry: Driver, agent: Party, sender: Party, auditor: Party
) -> None:
    objection = await registry.objection(agent, await registry.mandate(agent), [sender.id])
    kinds: list[str] = []
    cursor = ""
    while cursor is not None and len(kinds) < 5:
        query = f"?limit=1&cursor={cursor}" if cursor else "?limit=1"
        page = (await chain(registry, objection, auditor, query)).json()
        kinds += [one["kind"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert kinds == ["mandate.registered", "objection.received"]


async def test_no_internal_number_and_no_personal_number_is_told(
    registry: Driver, agent: Party, sender: Party, auditor: Party
) -> None:
    objection = await registry.objection(agent, await registry.mandate(agent), [sender.id])
    answer = await chain(registry, objection, auditor)
    assert "199001012385" not in answer.text
    assert "versions" not in answer.text


async def test_a_chain_needs_a_purpose_and_an_overseer(
    registry: Driver, agent: Party, sender: Party, auditor: Party
) -> None:
    objection = await registry.objection(agent, await registry.mandate(agent), [sender.id])
    bare = await registry.get(f"/v1/audit/objections/{objection['id']}", auditor)
    assert (bare.status_code, bare.json()["code"]) == (422, "VALIDATION")
    for who in (agent, sender):
        assert (await chain(registry, objection, who)).json()["code"] == "ROLE_DENIED"
    assert (await chain(registry, {"id": str(uuid4())}, auditor)).json()["code"] == "NOT_FOUND"
