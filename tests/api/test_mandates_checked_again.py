"""A mandate is checked again: the finding is added, and a level that rises reaches older objections."""

from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.crypto.bankid.chain import trust_in
from app.crypto.keys import KeyRing
from tests.api.test_mandates_bankid import BANK, named, ordered, posted
from tests.conftest import Clone
from tests.registry_driver import Driver, Json, Party, served

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
LOOKED = {"outcome": "accepted", "reason": "Compared with the passport, case 12"}


@pytest.fixture(scope="module")
async def registry(clone: Clone, ring: KeyRing) -> AsyncIterator[Driver]:
    """A registry that trusts the tests' own bank."""
    async with served(await clone(), ring, trust_in([BANK.root_certificate()], test=True)) as driver:
        yield driver


@pytest.fixture(scope="module")
async def agent(registry: Driver) -> Party:
    return await registry.agent()


async def scanned(registry: Driver, agent: Party, content: bytes = PDF) -> Json:
    return await sent(registry, agent, b64encode(content).decode())


async def sent(registry: Driver, agent: Party, content: str) -> Json:
    evidence = {"kind": "document", "media_type": "application/pdf", "content": content}
    return await registry.mandate(agent, evidence=evidence)


async def done(registry: Driver, made: Json, what: str, body: Json | None = None) -> Any:
    return await registry.post(f"/v1/mandates/{made['id']}/{what}", body, await registry.admin())


async def findings(registry: Driver, made: Json, who: Party) -> Any:
    return (await registry.get(f"/v1/mandates/{made['id']}/checks", who)).json()


async def test_a_document_is_in_force_at_the_lowest_level_until_somebody_has_looked(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await scanned(registry, agent)
    assert (made["state"], made["level"]) == ("active", "L0")
    objection = await registry.objection(agent, made, [sender.id])
    assert objection["state"] == "pending_verification"
    assert await registry.code(sender) == ("block", "OBJ_PROVISIONAL")


async def test_a_reviewed_document_makes_active_what_was_provisional_where_that_is_enough(
    registry: Driver, agent: Party, sender: Party
) -> None:
    strict = await registry.controller(policy={"minimum_level": "L3"})
    made = await scanned(registry, agent)
    objection = await registry.objection(agent, made, [sender.id])
    demanding = await registry.objection(agent, made, [strict.id])
    answer = await done(registry, made, "review", LOOKED)
    assert (answer.status_code, answer.json()["state"], answer.json()["level"]) == (200, "active", "L2")
    assert await registry.code(sender) == ("block", "OBJ_DM")
    assert await registry.code(strict) == ("block", "OBJ_PROVISIONAL")
    shown = [(await registry.get(f"/v1/objections/{o['id']}", agent)).json() for o in (objection, demanding)]
    assert [one["state"] for one in shown] == ["active", "pending_verification"]
    later = await registry.objection(agent, made, [(await registry.controller()).id])
    assert later["state"] == "active"


async def test_a_level_that_rose_outlives_a_doubt(registry: Driver, agent: Party, sender: Party) -> None:
    made = await scanned(registry, agent)
    await registry.objection(agent, made, [sender.id])
    await done(registry, made, "review", LOOKED)
    await done(registry, made, "contest", {"reason": "Complaint"})
    assert await registry.code(sender) == ("block", "OBJ_CONTESTED")
    await done(registry, made, "contest", {"reason": "Unfounded", "finding": "genuine"})
    assert await registry.code(sender) == ("block", "OBJ_DM")


async def test_a_document_that_is_refused_takes_nothing_new_in_and_blocks_on(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await scanned(registry, agent)
    await registry.objection(agent, made, [sender.id])
    answer = await done(registry, made, "review", {**LOOKED, "outcome": "refused"})
    assert (answer.json()["state"], answer.json()["level"]) == ("needs_review", "L0")
    refused = await registry.object_to(agent, made, [(await registry.controller()).id])
    assert refused.json()["code"] == "MANDATE_NOT_VERIFIED"
    assert await registry.code(sender) == ("block", "OBJ_PROVISIONAL")
    assert (await done(registry, made, "review", LOOKED)).json()["state"] == "active"


@pytest.mark.parametrize(
    "content", [b"<html>", b"\x89PNG\r\n\x1a\n", b" %PDF-1.7"], ids=["html", "png", "late"]
)
async def test_what_is_not_of_the_stated_type_is_rejected(
    registry: Driver, agent: Party, content: bytes
) -> None:
    assert (await scanned(registry, agent, content))["state"] == "rejected"


async def test_what_is_no_base64_is_rejected(registry: Driver, agent: Party) -> None:
    assert (await sent(registry, agent, "%%%%"))["state"] == "rejected"


async def test_only_a_document_is_looked_at(registry: Driver, agent: Party) -> None:
    made = await registry.mandate(agent)
    assert (await done(registry, made, "review", LOOKED)).json()["code"] == "STATE_CONFLICT"


async def test_a_finding_is_added_and_the_first_one_stays(registry: Driver, agent: Party) -> None:
    made = await scanned(registry, agent)
    await done(registry, made, "review", LOOKED)
    again = await done(registry, made, "recheck")
    assert (again.status_code, again.json()["level"]) == (200, "L2")
    found = await findings(registry, made, agent)
    assert found["items"] == made["checks"]
    assert [one["level"] for one in found["later"]] == ["L2", "L2"]
    assert {check["outcome"] for check in found["later"][1]["items"]} == {"passed"}


async def test_a_mandate_checked_again_without_any_change_is_what_it_was(
    registry: Driver, agent: Party
) -> None:
    made = await registry.mandate(agent)
    assert (await done(registry, made, "recheck")).json() == made
    found = await findings(registry, made, agent)
    assert found["later"][0]["items"] == made["checks"]


async def test_a_signature_that_is_not_believed_is_told_of_again_as_it_was(registry: Driver) -> None:
    agent = await registry.agent()
    request, order = await ordered(registry, agent)
    made = await posted(registry, agent, request, order.answer())
    assert {"code": "BANKID_UNUSED", "outcome": "indeterminate"}.items() <= made["checks"][-1].items()
    assert (await done(registry, made, "recheck")).json()["state"] == "rejected"
    assert (await findings(registry, made, agent))["later"][0]["items"] == made["checks"]


async def test_a_signature_is_believed_once_its_relying_party_has_been_named(
    registry: Driver, sender: Party
) -> None:
    agent = await registry.agent()
    request, order = await ordered(registry, agent)
    answer = order.answer()
    made = await posted(registry, agent, request, answer)
    assert made["state"] == "rejected"
    await named(registry, agent)
    again = (await done(registry, made, "recheck")).json()
    assert (again["state"], again["level"]) == ("active", "L3")
    assert (await registry.objection(agent, again, [sender.id]))["state"] == "active"
    repeated = (await done(registry, made, "recheck")).json()
    assert (repeated["state"], repeated["level"]) == ("active", "L3")
    assert (await posted(registry, agent, request, answer))["state"] == "rejected"


async def test_only_an_admin_has_a_mandate_checked_again(registry: Driver, agent: Party) -> None:
    made = await registry.mandate(agent)
    for who in (agent, await registry.staff("auditor")):
        answer = await registry.post(f"/v1/mandates/{made['id']}/recheck", None, who)
        assert answer.json()["code"] == "ROLE_DENIED"
