"""Consents and relationships are read as they were written, by their own controller alone."""

import pytest

from tests.registry_driver import Driver, Json, Party, email

KINDS = ("consents", "relationships")


async def recorded(registry: Driver, desk: Party, kind: str, who: Json) -> Json:
    return await (registry.consent if kind == "consents" else registry.relationship)(desk, who)


async def search(registry: Driver, desk: Party, kind: str, who: Json, query: str = "") -> Json:
    answer = await registry.post(f"/v1/{kind}/search{query}", {"identifier": who}, desk)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


@pytest.mark.parametrize("kind", KINDS)
async def test_one_is_read_as_it_was_answered(registry: Driver, kind: str) -> None:
    desk, who = await registry.controller("customer_service"), email()
    made = await recorded(registry, desk, kind, who)
    answer = await registry.get(f"/v1/{kind}/{made['id']}", desk)
    assert (answer.status_code, answer.json()) == (200, made)
    spelt = {"type": "email", "value": who["value"].upper()}
    assert (await search(registry, desk, kind, spelt))["items"] == [made]
    assert (await search(registry, desk, kind, email()))["items"] == []


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_over_is_read_too_with_its_end(registry: Driver, kind: str) -> None:
    desk, who = await registry.controller("customer_service"), email()
    made = await recorded(registry, desk, kind, who)
    end = "withdraw" if kind == "consents" else "end"
    over = (await registry.post(f"/v1/{kind}/{made['id']}/{end}", {}, desk)).json()
    again = await recorded(registry, desk, kind, who)
    assert (await search(registry, desk, kind, who))["items"] == [over, again]
    first = await search(registry, desk, kind, who, "?limit=1")
    rest = await search(registry, desk, kind, who, f"?limit=1&cursor={first['next_cursor']}")
    assert [one["id"] for page in (first, rest) for one in page["items"]] == [made["id"], again["id"]]


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_reads_those_of_another_controller(registry: Driver, kind: str) -> None:
    desk, who = await registry.controller("customer_service"), email()
    made = await recorded(registry, desk, kind, who)
    other = await registry.controller("customer_service")
    unknown = await registry.get(f"/v1/{kind}/{made['id']}", other)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NOT_FOUND")
    assert (await search(registry, other, kind, who))["items"] == []
    sender = await registry.controller()
    for party in (sender, await registry.agent(), await registry.staff("auditor")):
        assert (await registry.get(f"/v1/{kind}/{made['id']}", party)).status_code == 403


async def test_a_consent_that_is_read_says_which_objection_stands_against_it_now(registry: Driver) -> None:
    desk, agent, who = await registry.controller("customer_service"), await registry.agent(), email()
    made = await registry.consent(desk, who)
    assert made["conflicts"] == []
    await registry.objection(agent, await registry.mandate(agent), [desk.id], identifiers=[who])
    shown = (await registry.get(f"/v1/consents/{made['id']}", desk)).json()
    assert shown == {**made, "conflicts": ["CONSENT_OBJECTION_CONFLICT"]}
    ended = await registry.post(f"/v1/consents/{made['id']}/withdraw", {}, desk)
    assert ended.status_code == 200
    assert (await registry.get(f"/v1/consents/{made['id']}", desk)).json()["conflicts"] == []


@pytest.mark.parametrize("kind", KINDS)
async def test_after_an_erasure_they_are_read_without_the_identifier(registry: Driver, kind: str) -> None:
    desk, who = await registry.controller("customer_service"), email()
    made = await recorded(registry, desk, kind, who)
    for _ in range(2):
        body = {"identifiers": [who], "reason": "Request 2026-118"}
        answer = await registry.post("/v1/subjects/erase", body, await registry.staff())
    assert kind in {one["what"] for one in answer.json()["kept"]}
    erased = {**made["identifier"], "canonical": None, "erased": True}
    assert (await registry.get(f"/v1/{kind}/{made['id']}", desk)).json() == {**made, "identifier": erased}
    assert (await search(registry, desk, kind, who))["items"][0]["identifier"] == erased
