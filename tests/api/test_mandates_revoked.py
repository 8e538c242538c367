"""A mandate is revoked by its agent or an admin, once; what was received under it before stays in force."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from secrets import token_hex
from typing import Any
from uuid import uuid4

import pytest

from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party

BY_GRANTOR = {"reason": "changed their mind", "by": "grantor"}


@pytest.fixture
async def behind(database_url: str) -> AsyncIterator[Any]:
    connection = await superuser(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def agent(registry: Driver) -> Party:
    return await registry.agent()


def place_of(mandate: Json) -> str:
    return f"/v1/mandates/{mandate['id']}/revoke"


async def refused(registry: Driver, path: str, body: Any, who: Party) -> tuple[int, str]:
    answer = await registry.post(path, body, who)
    return answer.status_code, answer.json()["code"]


async def test_a_revoked_mandate_is_answered_and_shown_as_revoked(registry: Driver, agent: Party) -> None:
    mandate = await registry.mandate(agent)
    answer = await registry.post(place_of(mandate), BY_GRANTOR, agent)
    assert (answer.status_code, answer.json()) == (200, {**mandate, "state": "revoked"})
    assert (await registry.get(f"/v1/mandates/{mandate['id']}", agent)).json() == answer.json()


async def test_the_revocation_stands_in_the_events_with_its_reason(
    registry: Driver, agent: Party, behind: Any
) -> None:
    mandate = await registry.mandate(agent)
    reason = f"reason {token_hex(6)}"
    await registry.post(place_of(mandate), {"reason": reason, "by": "agent"}, agent)
    events = (await registry.get(f"/v1/mandates/{mandate['id']}/events", agent)).json()["items"]
    assert [event["kind"] for event in events] == ["mandate.registered", "mandate.revoked"]
    assert events[1]["detail"] == {"state": "revoked", "by": "agent", "reason": reason}
    plain = "SELECT count(*) FROM registry.event WHERE position($1 IN detail::text) > 0"
    assert await behind.fetchval(plain, reason) == 0


async def test_a_mandate_ends_once(registry: Driver, agent: Party) -> None:
    mandate = await registry.mandate(agent)
    key = token_hex(8)
    first = await registry.post(place_of(mandate), BY_GRANTOR, agent, Idempotency_Key=key)
    assert await refused(registry, place_of(mandate), BY_GRANTOR, agent) == (409, "STATE_CONFLICT")
    again = await registry.post(place_of(mandate), BY_GRANTOR, agent, Idempotency_Key=key)
    assert (first.status_code, first.content) == (again.status_code, again.content)


async def test_of_two_who_revoke_at_once_one_is_told_that_it_has_ended(
    registry: Driver, agent: Party, behind: Any
) -> None:
    mandate = await registry.mandate(agent)
    both = await asyncio.gather(*(registry.post(place_of(mandate), BY_GRANTOR, agent) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    states = "SELECT state FROM registry.mandate_state WHERE mandate_id = $1 ORDER BY ordinal"
    assert [row["state"] for row in await behind.fetch(states, mandate["id"])] == ["active", "revoked"]


async def test_a_review_that_comes_after_a_revocation_finds_nothing(
    registry: Driver, agent: Party, behind: Any
) -> None:
    """The revocation is written, but not committed, while the review reads that the mandate is in force."""
    scanned = {
        "kind": "document",
        "media_type": "application/pdf",
        "content": b64encode(b"%PDF-1.7").decode(),
    }
    mandate = await registry.mandate(agent, evidence=scanned)
    refusal = {"outcome": "refused", "reason": "Another person's passport"}
    place, admin = f"/v1/mandates/{mandate['id']}/review", await registry.admin()
    async with behind.transaction():
        await behind.execute(
            "INSERT INTO registry.mandate_state (mandate_id, ordinal, state, at, event_id) "
            "SELECT mandate_id, 2, 'revoked', now(), event_id FROM registry.mandate_state "
            "WHERE mandate_id = $1",
            mandate["id"],
        )
        reviewing = asyncio.create_task(refused(registry, place, refusal, admin))
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
        while not await behind.fetchval(waits):
            assert not reviewing.done()
            await asyncio.sleep(0.01)
    assert await reviewing == (409, "STATE_CONFLICT")
    checks = (await registry.get(f"/v1/mandates/{mandate['id']}/checks", agent)).json()
    assert checks["later"] == []


async def test_a_rejected_mandate_has_nothing_to_revoke(registry: Driver, agent: Party) -> None:
    other = await registry.agent()
    forged = await registry.mandate(agent, evidence={"kind": "agent_jws", "jws": "x"})
    assert forged["state"] == "rejected"
    assert await refused(registry, place_of(forged), BY_GRANTOR, agent) == (409, "STATE_CONFLICT")
    assert await refused(registry, place_of(forged), BY_GRANTOR, other) == (404, "MANDATE_NOT_FOUND")


async def test_a_foreign_mandate_cannot_be_told_from_an_unknown_one(registry: Driver, agent: Party) -> None:
    foreign = await registry.mandate(await registry.agent())
    unknown = {"id": str(uuid4())}
    answers = [await registry.post(place_of(one), BY_GRANTOR, agent) for one in (foreign, unknown)]
    problems = [answer.json() for answer in answers]
    assert all(problem.pop("instance") for problem in problems)
    assert problems[0] == problems[1]
    assert (answers[0].status_code, problems[0]["code"]) == (404, "MANDATE_NOT_FOUND")


async def test_an_admin_revokes_for_the_registry_and_an_agent_does_not(
    registry: Driver, agent: Party
) -> None:
    mandate = await registry.mandate(agent)
    body = {"reason": "forged", "by": "registry"}
    assert await refused(registry, place_of(mandate), body, agent) == (403, "ROLE_DENIED")
    answer = await registry.post(place_of(mandate), body, await registry.admin())
    assert (answer.status_code, answer.json()["state"]) == (200, "revoked")


async def test_an_auditor_reads_and_changes_nothing(registry: Driver, agent: Party, behind: Any) -> None:
    party_id = await behind.fetchval("SELECT id FROM registry.party WHERE kind = 'registry'")
    auditor = await registry.credential(str(party_id), "auditor")
    mandate = await registry.mandate(agent)
    assert await refused(registry, place_of(mandate), BY_GRANTOR, auditor) == (403, "ROLE_DENIED")
    assert (await registry.get(f"/v1/mandates/{mandate['id']}", auditor)).json()["state"] == "active"


async def test_a_suspended_agent_may_still_give_its_authority_back(registry: Driver, agent: Party) -> None:
    mandate = await registry.mandate(agent)
    await registry.post(f"/v1/agents/{agent.id}/suspend", {"reason": "complaints"}, await registry.admin())
    answer = await registry.post(place_of(mandate), BY_GRANTOR, agent)
    assert (answer.status_code, answer.json()["state"]) == (200, "revoked")


@pytest.mark.parametrize(
    "body",
    [{}, {"reason": "r"}, {"reason": "", "by": "grantor"}, {"reason": "r", "by": "controller"}],
    ids=str,
)
async def test_a_revocation_says_whose_will_it_is_and_why(registry: Driver, agent: Party, body: Json) -> None:
    mandate = await registry.mandate(agent)
    assert await refused(registry, place_of(mandate), body, agent) == (422, "VALIDATION")
