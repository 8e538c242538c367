"""Objection agents over HTTP: their keys, and suspension."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.direct import superuser
from tests.registry_driver import Driver, Json, org_no


def public(kid: str = "k1") -> Json:
    return dict(ECKey.generate_key("P-256", {"kid": kid}).as_dict(private=False))


async def register(registry: Driver, keys: Any) -> httpx2.Response:
    body = {"name": "A1", "org_no": org_no(), "country": "SE", "keys": keys}
    return await registry.post("/v1/agents", body, await registry.admin())


async def change(registry: Driver, agent_id: str, verb: str, **body: Any) -> httpx2.Response:
    return await registry.post(f"/v1/agents/{agent_id}/{verb}", body, await registry.admin())


async def test_an_agent_is_registered_with_its_public_keys(registry: Driver) -> None:
    keys = [public("k1"), public("k2")]
    answer = await register(registry, keys)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["state"] == "active"
    assert [(key["kid"], key["x"], key["y"]) for key in made["keys"]] == [
        (key["kid"], key["x"], key["y"]) for key in keys
    ]
    assert all(key["alg"] == "ES256" for key in made["keys"])


async def test_two_agents_may_have_keys_of_the_same_name(registry: Driver) -> None:
    assert (await register(registry, [public("main")])).status_code == 201
    assert (await register(registry, [public("main")])).status_code == 201


@pytest.mark.parametrize(
    "keys",
    [
        [dict(ECKey.generate_key("P-256", {"kid": "k"}).as_dict(private=True))],
        [dict(ECKey.generate_key("P-384", {"kid": "k"}).as_dict(private=False))],
        [dict(RSAKey.generate_key(2048, {"kid": "k"}).as_dict(private=False))],
        [dict(OctKey.generate_key(256, {"kid": "k"}).as_dict(private=True))],
        [{name: value for name, value in public().items() if name != "kid"}],
        [public("has a space")],
        [public() | {"use": "enc"}],
        [public() | {"x": "AAAA"}],
        [public() | {"x": 5}],
        [public("same"), public("same")],
        [{}],
    ],
    ids=[
        "private",
        "another curve",
        "RSA",
        "symmetric",
        "no kid",
        "spaced kid",
        "for encryption",
        "short",
        "a number",
        "kid twice",
        "empty",
    ],
)
async def test_what_is_no_public_key_of_its_own_is_refused(registry: Driver, keys: list[Json]) -> None:
    answer = await register(registry, keys)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_KEY")
    assert all(str(value) not in answer.text for key in keys for value in key.values() if len(str(value)) > 9)


@pytest.mark.parametrize("keys", [[], None, "k", [[]], [public(f"k{n}") for n in range(21)]], ids=range(5))
async def test_an_agent_has_one_to_twenty_keys(registry: Driver, keys: Any) -> None:
    answer = await register(registry, keys)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")


async def test_an_agent_is_suspended_and_resumed(registry: Driver, database_url: str) -> None:
    agent = await registry.agent()
    suspended = await change(registry, agent.id, "suspend", reason="keys leaked")
    assert (suspended.status_code, suspended.json()["state"]) == (200, "suspended")
    resumed = await change(registry, agent.id, "resume", reason="new keys")
    assert (resumed.status_code, resumed.json()["state"]) == (200, "active")
    connection = await superuser(database_url)
    try:
        sql = "SELECT kind, outcome FROM registry.event WHERE object_id = $1 ORDER BY id"
        told = [tuple(row) for row in await connection.fetch(sql, UUID(agent.id))]
    finally:
        await connection.close()
    assert told == [("agent.registered", "done"), ("agent.suspended", "done"), ("agent.resumed", "done")]


async def test_suspending_twice_and_resuming_an_active_agent_conflict(registry: Driver) -> None:
    agent = await registry.agent()
    early = await change(registry, agent.id, "resume", reason="x")
    assert (early.status_code, early.json()["code"]) == (409, "STATE_CONFLICT")
    assert (await change(registry, agent.id, "suspend", reason="x")).status_code == 200
    again = await change(registry, agent.id, "suspend", reason="x")
    assert (again.status_code, again.json()["code"]) == (409, "STATE_CONFLICT")


async def test_of_many_admins_who_suspend_at_once_one_does_it(registry: Driver) -> None:
    agent = await registry.agent()
    answers = await asyncio.gather(
        *[change(registry, agent.id, "suspend", reason="at once") for _ in range(6)]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]


async def test_nobody_and_a_controller_cannot_be_suspended_as_agents(registry: Driver) -> None:
    for party_id in (str(uuid4()), (await registry.controller()).id):
        for verb in ("suspend", "resume"):
            answer = await change(registry, party_id, verb, reason="x")
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x" * 501}, {"reason": "x", "by": "me"}])
async def test_a_suspension_has_a_reason(registry: Driver, body: Json) -> None:
    agent = await registry.agent()
    answer = await change(registry, agent.id, "suspend", **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")


async def test_an_agent_cannot_resume_itself(registry: Driver) -> None:
    agent = await registry.agent()
    assert (await change(registry, agent.id, "suspend", reason="x")).status_code == 200
    answer = await registry.post(f"/v1/agents/{agent.id}/resume", {"reason": "please"}, agent)
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")
