"""What stands out in what agents send, and what a suspension would touch."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.crypto.bankid.chain import trust_in
from app.crypto.keys import KeyRing
from tests.conftest import Clone
from tests.crypto.bankid.issuing import RELYING_PARTY, SIGNED, Bank, Said, genuine
from tests.registry_driver import ANNA, Driver, Json, Party, claims, email, iso, served, signed_mandate

BANK = Bank()
TERM = {name: claims()[name] for name in ("valid_from", "valid_to")}
"""The same for all: a signature binds the claims, and so fits no others."""
PEOPLE = ("199001012385", "200002292399", "196408233234")


@pytest.fixture(scope="module")
async def registry(clone: Clone, ring: KeyRing) -> AsyncIterator[Driver]:
    """A registry of its own, that trusts the tests' own bank."""
    async with served(await clone(), ring, trust_in([BANK.root_certificate()], test=True)) as driver:
        yield driver


@pytest.fixture(scope="module")
async def auditor(registry: Driver) -> Party:
    return await registry.staff("auditor")


async def told(registry: Driver, auditor: Party, agent: Party, query: str = "") -> Json:
    answer = await registry.get(f"/v1/audit/agents/anomalies{query}", auditor)
    assert answer.status_code == 200, answer.text
    (mine,) = [one for one in answer.json()["items"] if one["agent_id"] == agent.id]
    found: Json = mine
    return found


async def impact(registry: Driver, auditor: Party, agent: Party) -> Json:
    answer = await registry.get(f"/v1/audit/agents/{agent.id}/suspension", auditor)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def codes(agent: Json) -> list[str]:
    return [one["code"] for one in agent["anomalies"]]


async def signed(
    registry: Driver, agent: Party, number: str, evidence: Any = None, device: Any = "one"
) -> Any:
    """A mandate that a person signed with BankID on a device, or with a signature that was seen before."""
    grantor = {**ANNA, "value": number}
    request = claims(signed_at=iso(SIGNED), grantor=grantor, identifiers=[], **TERM)
    preview = (await registry.post("/v1/mandates/preview", request, agent)).json()
    said = Said(preview["visible_text"], preview["hidden_data"])
    made = evidence or dict(genuine(BANK, said, person=BANK.person(number), number=number))
    made["device"] = device if isinstance(device, dict) else {"uhi": device}
    body = {**request, "evidence": {"kind": "bankid_se", "collect": {"completionData": made}}}
    answer = await registry.post("/v1/mandates", body, agent)
    assert answer.status_code == 201, answer.text
    return made


async def named(registry: Driver) -> Party:
    agent = await registry.agent()
    path = f"/v1/agents/{agent.id}/relying-parties"
    await registry.made(path, {"scheme": "bankid_se", "subject": RELYING_PARTY}, await registry.admin())
    return agent


async def test_a_quiet_agent_stands_out_in_nothing(registry: Driver, auditor: Party) -> None:
    agent, sender = await registry.agent(), await registry.controller()
    await registry.objection(agent, await registry.mandate(agent), [sender.id], identifiers=[email()])
    found = await told(registry, auditor, agent)
    figures = ("mandates", "objections", "hours", "busiest_hour", "grantors", "refused", "rejected")
    assert [found[name] for name in figures] == [1, 1, 1, 2, 1, 0, 0]
    assert (found["on_one_device"], found["reused"], codes(found)) == (0, 0, [])
    before = iso(datetime.now(UTC) - timedelta(days=9))
    earlier = await told(registry, auditor, agent, f"?to={before}")
    assert (earlier["mandates"], earlier["objections"]) == (0, 0)


async def test_grantors_who_signed_on_one_device_are_counted(registry: Driver, auditor: Party) -> None:
    agent = await named(registry)
    for number in PEOPLE:
        await signed(registry, agent, number)
    await signed(registry, agent, PEOPLE[0])
    await signed(registry, agent, PEOPLE[0], device="another")
    for unnamed in ({}, {"uhi": 7}, {"uhi": "x" * 201}, {"uhi": ""}):
        await signed(registry, agent, PEOPLE[0], device=unnamed)
    found = await told(registry, auditor, agent)
    assert (found["mandates"], found["grantors"], found["on_one_device"]) == (9, 3, 3)


async def test_a_signature_that_comes_again_stands_out(registry: Driver, auditor: Party) -> None:
    agent, again = await named(registry), await registry.agent()
    evidence = await signed(registry, agent, PEOPLE[1])
    assert codes(await told(registry, auditor, agent)) == []
    await signed(registry, agent, PEOPLE[1], evidence)
    found = await told(registry, auditor, agent)
    assert (found["reused"], codes(found)) == (1, ["REUSED_EVIDENCE"])
    body = signed_mandate(again)
    for _ in range(2):
        assert (await registry.post("/v1/mandates", body, again)).status_code == 201
    assert codes(await told(registry, auditor, again)) == ["REUSED_EVIDENCE"]


async def test_an_agent_of_which_much_is_refused_stands_out(registry: Driver, auditor: Party) -> None:
    agent, sender = await registry.agent(), await registry.controller()
    mandate = await registry.mandate(agent)
    for _ in range(19):
        answer = await registry.object_to(agent, mandate, [sender.id], kinds=["erasure"])
        assert answer.json()["code"] == "MANDATE_SCOPE"
    assert codes(await told(registry, auditor, agent)) == []
    forged = signed_mandate(agent)
    forged["evidence"]["jws"] = forged["evidence"]["jws"][:-6] + "AAAAAA"
    made = (await registry.post("/v1/mandates", forged, agent)).json()
    assert made["state"] == "rejected"
    found = await told(registry, auditor, agent)
    assert (found["refused"], found["rejected"], codes(found)) == (19, 1, ["HIGH_REJECTS"])
    assert found["rejected_share"] == 20 / 21


async def test_the_report_counts_what_rests_on_an_agent_and_changes_nothing(
    registry: Driver, auditor: Party
) -> None:
    agent, senders = await registry.agent(), [await registry.controller() for _ in range(2)]
    strict = await registry.controller(policy={"minimum_level": "L3"})
    lists = [one.id for one in senders]
    mandate = await registry.mandate(agent, rights=["object_dm", "withdraw_objection"])
    person = email()
    await registry.objection(agent, mandate, lists, identifiers=[person])
    await registry.objection(agent, mandate, [strict.id], identifiers=[person])
    await registry.objection(agent, mandate, "all", identifiers=[email(), email()])
    ended = await registry.objection(agent, mandate, lists, identifiers=[email()])
    shown = {"evidence": {"method": "agent", "reference": "in the app"}}
    await registry.post(f"/v1/objections/{ended['id']}/withdraw", shown, agent)
    revoked, doubted = await registry.mandate(agent), await registry.mandate(agent)
    await registry.post(f"/v1/mandates/{revoked['id']}/revoke", {"reason": "x", "by": "grantor"}, agent)
    doubt = {"reason": "a complaint", "finding": "forged"}
    await registry.post(f"/v1/mandates/{doubted['id']}/contest", doubt, await registry.admin())
    found = await impact(registry, auditor, agent)
    counts = {name: value for name, value in found.items() if isinstance(value, int)}
    assert counts == {
        "mandates_in_force": 1,
        "mandates_in_doubt": 1,
        "grantors": 1,
        "objections_in_force": 3,
        "objections_waiting": 1,
        "objections_everywhere": 1,
        "entries_in_force": 5,
        "controllers": 3,
        "credentials": 1,
    }
    assert found["state"] == "active"
    reason = {"reason": "complaints"}
    before = await registry.code(senders[0], person["value"], channel="email")
    await registry.post(f"/v1/agents/{agent.id}/suspend", reason, await registry.admin())
    suspended = await impact(registry, auditor, agent)
    assert suspended == {**found, "state": "suspended"}
    assert await registry.code(senders[0], person["value"], channel="email") == before == ("block", "OBJ_DM")


async def test_what_the_report_says_of_a_suspension_is_what_happens(registry: Driver, auditor: Party) -> None:
    agent, sender = await registry.agent(), await registry.controller()
    mandate = await registry.mandate(agent, rights=["object_dm", "withdraw_objection"])
    made = await registry.objection(agent, mandate, [sender.id], identifiers=[email()])
    found = await impact(registry, auditor, agent)
    assert [one["code"] for one in found["stops"]] == ["new_mandates", "new_objections", "withdrawals"]
    assert [one["code"] for one in found["leaves"]] == ["entries", "objections", "mandates", "reading"]
    await registry.post(f"/v1/agents/{agent.id}/suspend", {"reason": "x"}, await registry.admin())
    shown = {"evidence": {"method": "agent", "reference": "in the app"}}
    stopped = [
        await registry.post("/v1/mandates", signed_mandate(agent), agent),
        await registry.object_to(agent, mandate, [sender.id], identifiers=[email()]),
        await registry.post(f"/v1/objections/{made['id']}/identifiers", {"identifiers": [email()]}, agent),
        await registry.post(f"/v1/objections/{made['id']}/withdraw", shown, agent),
    ]
    assert [answer.json()["code"] for answer in stopped] == ["AGENT_SUSPENDED"] * 4
    assert (await registry.get(f"/v1/objections/{made['id']}", agent)).json()["state"] == "active"
    revoke = {"reason": "x", "by": "grantor"}
    assert (await registry.post(f"/v1/mandates/{mandate['id']}/revoke", revoke, agent)).status_code == 200


async def test_agents_are_paged_and_overseers_alone_see_them(registry: Driver, auditor: Party) -> None:
    await registry.agent()
    whole = (await registry.get("/v1/audit/agents/anomalies", auditor)).json()["items"]
    paged: list[Json] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"?limit=1&cursor={cursor}" if cursor else "?limit=1"
        page = (await registry.get(f"/v1/audit/agents/anomalies{query}", await registry.admin())).json()
        paged += page["items"]
        cursor = page["next_cursor"]
    assert [one["agent_id"] for one in paged] == [one["agent_id"] for one in whole]
    agent, sender = await registry.agent(), await registry.controller("customer_service")
    for path in ("/v1/audit/agents/anomalies", f"/v1/audit/agents/{agent.id}/suspension"):
        for who in (agent, sender, await registry.source()):
            assert (await registry.get(path, who)).json()["code"] == "ROLE_DENIED"
    missing = await registry.get(f"/v1/audit/agents/{sender.id}/suspension", auditor)
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")
