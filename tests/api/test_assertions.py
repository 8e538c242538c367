"""private_key_jwt (RFC 7523): an agent proves itself with its own key, and each assertion works once."""

from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from app.api.client_proofs import ASSERTION_TYPE
from tests.direct import superuser
from tests.registry_driver import ISSUER, Driver, Json, Party

AUDIENCE = f"{ISSUER}/oauth/token"


def assertion(agent: Party, key: ECKey | None = None, **changes: Any) -> str:
    """What an agent's OAuth library sends; a claim changed to None is left out."""
    now = int(datetime.now(UTC).timestamp())
    client_id = agent.credential["client_id"]
    claims = {"iss": client_id, "sub": client_id, "aud": AUDIENCE, "iat": now, "exp": now + 60}
    claims |= {"jti": token_hex(8), **changes}
    signing = key or agent.key
    assert signing is not None
    header = {"alg": "ES256", "kid": str(signing.kid), "typ": "JWT"}
    return jwt.encode(header, {k: v for k, v in claims.items() if v is not None}, signing)


async def ask(registry: Driver, signed: str, **fields: str) -> httpx2.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed,
    }
    return await registry.client.post("/oauth/token", data=form | fields)


async def refused(answer: httpx2.Response, error: str = "invalid_client") -> None:
    assert answer.json()["error"] == error, answer.text
    assert answer.status_code == (401 if error == "invalid_client" else 400)


async def test_an_agent_gets_a_token_for_an_assertion_signed_with_its_key(
    registry: Driver, agent: Party
) -> None:
    answer = await ask(registry, assertion(agent))
    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == "agent"
    assert (await ask(registry, assertion(agent), client_id=agent.credential["client_id"])).status_code == 200


@pytest.mark.parametrize("audience", [ISSUER, AUDIENCE, [AUDIENCE, "https://example.com"]])
async def test_the_audience_may_be_the_registry_or_its_token_endpoint(
    registry: Driver, agent: Party, audience: Any
) -> None:
    assert (await ask(registry, assertion(agent, aud=audience))).status_code == 200


async def test_an_assertion_works_once(registry: Driver, agent: Party) -> None:
    signed = assertion(agent)
    assert (await ask(registry, signed)).status_code == 200
    await refused(await ask(registry, signed))


async def test_a_jti_works_once_even_in_another_assertion(registry: Driver, agent: Party) -> None:
    assert (await ask(registry, assertion(agent, jti="monday"))).status_code == 200
    await refused(await ask(registry, assertion(agent, jti="monday", aud=ISSUER)))


async def test_two_agents_may_choose_the_same_jti(registry: Driver, agent: Party) -> None:
    other = await registry.agent()
    assert (await ask(registry, assertion(agent, jti="tuesday"))).status_code == 200
    assert (await ask(registry, assertion(other, jti="tuesday"))).status_code == 200


async def test_a_refused_assertion_does_not_use_up_its_jti(registry: Driver, agent: Party) -> None:
    await refused(await ask(registry, assertion(agent, jti="wednesday", aud="https://example.com")))
    assert (await ask(registry, assertion(agent, jti="wednesday"))).status_code == 200


async def test_an_assertion_signed_with_another_agents_key_is_refused(registry: Driver, agent: Party) -> None:
    other = await registry.agent()
    await refused(await ask(registry, assertion(agent, other.key)))


async def test_a_foreign_key_under_the_kid_of_the_agents_own_is_refused(
    registry: Driver, agent: Party
) -> None:
    assert agent.key is not None
    foreign = ECKey.generate_key("P-256", {"kid": str(agent.key.kid)})
    await refused(await ask(registry, assertion(agent, foreign)))


async def test_an_agent_cannot_name_another_client_beside_its_assertion(
    registry: Driver, agent: Party
) -> None:
    other = await registry.agent()
    await refused(await ask(registry, assertion(agent), client_id=other.credential["client_id"]))


async def test_an_agent_cannot_speak_for_another_client_inside_its_assertion(
    registry: Driver, agent: Party
) -> None:
    other = await registry.agent()
    victim = other.credential["client_id"]
    await refused(await ask(registry, assertion(agent, iss=victim, sub=victim)))
    await refused(await ask(registry, assertion(agent, sub=victim)))


async def test_a_sender_without_registered_keys_cannot_use_an_assertion(registry: Driver) -> None:
    sender = await registry.controller()
    await refused(await ask(registry, assertion(sender, ECKey.generate_key("P-256", {"kid": "k"}))))


def seconds(moment: timedelta) -> int:
    return int((datetime.now(UTC) + moment).timestamp())


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://example.com"},
        {"aud": None},
        {"exp": None},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 300},
        {"exp": 1},
        {"iat": 1},
        {"exp": 32_503_680_000},
        {"nbf": 32_503_680_000},
        {"sub": None},
        {"sub": 5},
        {"sub": "not-an-id", "iss": "not-an-id"},
        {"exp": "soon"},
    ],
    ids=str,
)
async def test_an_assertion_that_is_not_whole_or_not_for_now_is_refused(
    registry: Driver, agent: Party, changes: Json
) -> None:
    await refused(await ask(registry, assertion(agent, **changes)))


@pytest.mark.parametrize("text", ["x", "a.b.c", "e30.e30.", "..", "\u00e5", "x" * 9000])
async def test_what_is_no_jwt_is_refused_like_a_wrong_one(registry: Driver, text: str) -> None:
    await refused(await ask(registry, text))


async def test_another_kind_of_assertion_is_refused(registry: Driver, agent: Party) -> None:
    saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
    await refused(await ask(registry, assertion(agent), client_assertion_type=saml))
    await refused(await ask(registry, assertion(agent), client_assertion_type=""), "invalid_request")


async def test_an_assertion_beside_a_secret_is_refused(registry: Driver, agent: Party) -> None:
    await refused(await ask(registry, assertion(agent), **agent.credential), "invalid_request")


async def test_a_revoked_agent_credential_gets_no_token_for_an_assertion(registry: Driver) -> None:
    agent = await registry.agent()
    path = f"/v1/credentials/{agent.credential['client_id']}/revoke"
    assert (await registry.client.post(path, headers=(await registry.admin()).headers)).status_code == 200
    await refused(await ask(registry, assertion(agent)))


async def test_a_suspended_agent_still_gets_a_token(registry: Driver) -> None:
    agent = await registry.agent()
    suspended = await registry.post(
        f"/v1/agents/{agent.id}/suspend", {"reason": "audit"}, await registry.admin()
    )
    assert suspended.status_code == 200
    assert (await ask(registry, assertion(agent))).status_code == 200


async def test_used_assertions_are_forgotten_when_they_could_not_be_used_again(
    registry: Driver, agent: Party, database_url: str
) -> None:
    connection = await superuser(database_url)
    try:
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        await connection.execute(
            "INSERT INTO ops.assertion_seen (jti, expires_at) VALUES ('old', $1)", long_ago
        )
        assert (await ask(registry, assertion(agent))).status_code == 200
        left = await connection.fetch("SELECT jti FROM ops.assertion_seen")
        assert "old" not in {row["jti"] for row in left}
        assert any(row["jti"].startswith(agent.credential["client_id"]) for row in left)
    finally:
        await connection.close()
