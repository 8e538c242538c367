"""Credentials over HTTP: who may have which role, the secret that is shown once, revocation at once."""

from base64 import b64encode
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party


async def issue(registry: Driver, body: Any, **headers: str) -> httpx2.Response:
    return await registry.post("/v1/credentials", body, await registry.admin(), **headers)


async def revoke(registry: Driver, client_id: str, who: Party | None = None) -> httpx2.Response:
    path = f"/v1/credentials/{client_id}/revoke"
    return await registry.client.post(path, headers=(who or await registry.admin()).headers)


async def party_of(registry: Driver, kind: str) -> Party:
    if kind == "processor":
        return await registry.processor(await registry.controller())
    made: Party = await getattr(registry, kind)()
    return made


async def test_a_credential_is_a_client_id_and_a_secret(registry: Driver) -> None:
    party = await registry.controller()
    answer = await issue(registry, {"party_id": party.id, "role": "customer_service"})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["party_id"], made["role"]) == (party.id, "customer_service")
    assert made["client_secret"].startswith("sk_")
    token = await registry.token({"client_id": made["client_id"], "client_secret": made["client_secret"]})
    assert token.count(".") == 2


async def test_the_secret_stands_nowhere_in_the_database(registry: Driver, database_url: str) -> None:
    party = await registry.controller()
    body = {"party_id": party.id, "role": "sender"}
    made = (await issue(registry, body, Idempotency_Key=uuid4().hex)).json()
    connection, whole = await superuser(database_url), BytesIO()
    try:
        tables = await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('registry', 'vault', 'ops')"
        )
        for schema, table in tables:
            await connection.copy_from_table(table, schema_name=schema, output=whole)
    finally:
        await connection.close()
    secret = made["client_secret"].encode()
    assert made["client_id"].encode() in whole.getvalue()
    for spelling in (secret, secret.hex().encode(), b64encode(secret)):
        assert spelling not in whole.getvalue()


async def test_a_repeat_with_the_same_key_shows_the_same_secret(registry: Driver) -> None:
    body = {"party_id": (await registry.controller()).id, "role": "sender"}
    key = uuid4().hex
    first = await issue(registry, body, Idempotency_Key=key)
    again = await issue(registry, body, Idempotency_Key=key)
    assert (again.status_code, again.content) == (201, first.content)


async def test_without_a_key_each_request_makes_another_credential(registry: Driver) -> None:
    body = {"party_id": (await registry.controller()).id, "role": "sender"}
    first, second = (await issue(registry, body)).json(), (await issue(registry, body)).json()
    assert first["client_id"] != second["client_id"]
    assert first["client_secret"] != second["client_secret"]


ALLOWED = {
    "controller": {"sender", "customer_service"},
    "processor": {"sender"},
    "agent": {"agent"},
    "source": {"source"},
}
OVERSIGHT = {"admin", "auditor"}
ROLES = ("sender", "customer_service", "agent", "source", "admin", "auditor")


@pytest.mark.parametrize("kind", ALLOWED)
async def test_a_role_fits_the_kind_of_party(registry: Driver, kind: str) -> None:
    party = await party_of(registry, kind)
    for role in ROLES:
        answer = await issue(registry, {"party_id": party.id, "role": role})
        if role in ALLOWED[kind] | OVERSIGHT:
            assert answer.status_code == 201, role
        else:
            assert (answer.status_code, answer.json()["code"]) == (422, "UNKNOWN_REFERENCE"), role


@pytest.mark.parametrize("role", ["admin", "auditor"])
@pytest.mark.parametrize("party", [{}, {"party_id": None}], ids=["left out", "null"])
async def test_admins_and_auditors_belong_to_the_registry_where_no_party_is_named(
    registry: Driver, role: str, party: Json
) -> None:
    answer = await issue(registry, {"role": role, **party})
    assert answer.status_code == 201
    again = await issue(registry, {"role": role, "party_id": answer.json()["party_id"]})
    assert (again.status_code, again.json()["party_id"]) == (201, answer.json()["party_id"])


@pytest.mark.parametrize("role", ["sender", "customer_service", "agent", "source"])
async def test_every_other_role_needs_a_party_that_exists(registry: Driver, role: str) -> None:
    for body in ({"role": role}, {"role": role, "party_id": str(uuid4())}):
        answer = await issue(registry, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "UNKNOWN_REFERENCE")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"role": "root"},
        {"role": "sender", "party_id": "x"},
        {"role": "sender", "party_id": 5},
        {"role": "admin", "secret": "mine"},
        [],
    ],
    ids=str,
)
async def test_a_credential_request_that_does_not_fit_is_refused(registry: Driver, body: Any) -> None:
    answer = await issue(registry, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")


async def test_a_revoked_credential_stops_at_once_with_its_tokens(registry: Driver) -> None:
    auditor = await registry.made("/v1/credentials", {"role": "auditor"})
    credential = {"client_id": auditor["client_id"], "client_secret": auditor["client_secret"]}
    party = Party("", "auditor", credential, await registry.token(credential))
    assert (await registry.get("/v1/controllers", party)).status_code == 200
    answer = await revoke(registry, auditor["client_id"])
    assert (answer.status_code, answer.json()["state"]) == (200, "revoked")
    after = await registry.get("/v1/controllers", party)
    assert (after.status_code, after.json()["code"]) == (401, "UNAUTHENTICATED")
    form = {"grant_type": "client_credentials", **credential}
    token = await registry.client.post("/oauth/token", data=form)
    assert (token.status_code, token.json()["error"]) == (401, "invalid_client")


async def test_the_other_credentials_of_the_party_go_on(registry: Driver) -> None:
    first = await registry.controller()
    second = await registry.credential(first.id, "sender")
    assert (await revoke(registry, first.credential["client_id"])).status_code == 200
    assert (await registry.token(second.credential)).count(".") == 2


async def test_a_revoked_credential_cannot_be_revoked_again(registry: Driver) -> None:
    party = await registry.controller()
    assert (await revoke(registry, party.credential["client_id"])).status_code == 200
    again = await revoke(registry, party.credential["client_id"])
    assert (again.status_code, again.json()["code"]) == (409, "STATE_CONFLICT")


async def test_a_credential_that_never_was_is_not_found(registry: Driver) -> None:
    answer = await revoke(registry, str(uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("kind", ALLOWED)
async def test_nobody_but_an_admin_makes_parties_or_credentials(
    registry: Driver, database_url: str, kind: str
) -> None:
    party = await party_of(registry, kind)
    other = await registry.controller()
    attempts = [
        await registry.post("/v1/credentials", {"role": "admin"}, party),
        await registry.post("/v1/credentials", {"party_id": party.id, "role": party.role}, party),
        await registry.post("/v1/controllers", {"name": "x"}, party),
        await registry.post("/v1/agents", {}, party),
        await registry.post("/v1/processors", {}, party),
        await registry.post("/v1/sources", {}, party),
        await registry.get("/v1/controllers", party),
        await revoke(registry, other.credential["client_id"], party),
        await revoke(registry, party.credential["client_id"], party),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in attempts} == {(403, "ROLE_DENIED")}
    connection = await superuser(database_url)
    try:
        sql = "SELECT count(*) FROM registry.event WHERE actor_id = $1 AND outcome = 'ROLE_DENIED'"
        assert await connection.fetchval(sql, UUID(party.id)) == len(attempts)
    finally:
        await connection.close()
