"""The token endpoint over HTTP: RFC 6749 section 4.4 with a secret, in all the ways a client may send it."""

import base64
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tests.registry_driver import ISSUER, Driver, Json

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def ask(registry: Driver, form: Any, **headers: str) -> httpx2.Response:
    return await registry.client.post("/oauth/token", data=form, headers=headers)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def grant(credential: Json, **fields: str) -> Json:
    return {"grant_type": "client_credentials", **credential, **fields}


@pytest.fixture(scope="module")
async def credential(registry: Driver) -> Json:
    return (await registry.controller()).credential


async def test_a_secret_in_the_form_gives_a_bearer_token_for_ten_minutes(
    registry: Driver, credential: Json
) -> None:
    answer = await ask(registry, grant(credential))
    assert answer.status_code == 200
    token = answer.json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 600, "sender")
    assert set(token) == {"access_token", "token_type", "expires_in", "scope"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"


async def test_a_token_can_be_checked_with_the_published_keys(registry: Driver, credential: Json) -> None:
    keys = KeySet.import_key_set((await registry.get("/.well-known/jwks.json")).json())
    token = (await ask(registry, grant(credential))).json()["access_token"]
    read = jwt.decode(token, keys, algorithms=["ES256"])
    assert read.header["typ"] == "at+jwt"
    assert read.claims["iss"] == read.claims["aud"] == ISSUER
    assert read.claims["sub"] == read.claims["client_id"] == credential["client_id"]
    assert read.claims["exp"] - read.claims["iat"] == 600


async def test_the_published_keys_have_no_private_part(registry: Driver) -> None:
    keys = (await registry.get("/.well-known/jwks.json")).json()["keys"]
    assert len(keys) >= 2
    assert all(not {"d", "k"} & set(key) and key["kid"] and key["alg"] == "ES256" for key in keys)


async def test_the_metadata_lead_a_client_to_its_token(registry: Driver, credential: Json) -> None:
    metadata = (await registry.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["issuer"] == ISSUER
    assert metadata["grant_types_supported"] == ["client_credentials"]
    assert "private_key_jwt" in metadata["token_endpoint_auth_methods_supported"]
    assert (await registry.client.get(metadata["jwks_uri"])).status_code == 200
    answer = await registry.client.post(metadata["token_endpoint"], data=grant(credential))
    assert answer.status_code == 200


async def test_a_secret_by_http_basic_gives_a_token(registry: Driver, credential: Json) -> None:
    proof = basic(credential["client_id"], credential["client_secret"])
    answer = await ask(registry, {"grant_type": "client_credentials"}, Authorization=proof)
    assert answer.status_code == 200


async def test_basic_credentials_are_percent_decoded(registry: Driver, credential: Json) -> None:
    everything_escaped = "".join(f"%{ord(letter):02X}" for letter in credential["client_secret"])
    proof = basic(quote(credential["client_id"]), everything_escaped)
    answer = await ask(registry, {"grant_type": "client_credentials"}, Authorization=proof)
    assert answer.status_code == 200


async def test_the_form_may_repeat_the_client_id_of_basic_but_not_name_another(
    registry: Driver, credential: Json
) -> None:
    proof = basic(credential["client_id"], credential["client_secret"])
    form = {"grant_type": "client_credentials", "client_id": credential["client_id"]}
    assert (await ask(registry, form, Authorization=proof)).status_code == 200
    other = await ask(registry, form | {"client_id": "somebody-else"}, Authorization=proof)
    assert (other.status_code, other.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic " + base64.b64encode(b"no colon at all").decode(),
        "Basic " + base64.b64encode(b"id:100%FF").decode(),
        "Basic " + base64.b64encode("id:l\u00f6sen".encode()).decode(),
        basic("00000000-0000-7000-8000-000000000000", "a:b:c"),
        basic("a\0b", "x"),
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Digest username=x",
    ],
)
async def test_an_authorization_header_that_proves_nothing_is_invalid_client(
    registry: Driver, header: str
) -> None:
    answer = await ask(registry, {"grant_type": "client_credentials"}, Authorization=header)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_colon_belongs_to_the_secret_and_not_to_the_client_id(
    registry: Driver, credential: Json
) -> None:
    proof = basic(credential["client_id"], credential["client_secret"] + ":more")
    answer = await ask(registry, {"grant_type": "client_credentials"}, Authorization=proof)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_an_unknown_client_and_a_wrong_secret_get_the_same_answer(
    registry: Driver, credential: Json
) -> None:
    wrong = await ask(registry, grant(credential, client_secret="sk_wrong"))
    unknown = await ask(
        registry, grant(credential, client_id="019a0000-0000-7000-8000-000000000000", client_secret="sk_x")
    )
    unreadable = await ask(registry, grant(credential, client_id="not an id", client_secret="sk_x"))
    assert wrong.status_code == unknown.status_code == unreadable.status_code == 401
    assert wrong.content == unknown.content == unreadable.content
    told = [
        {name: value for name, value in answer.headers.items() if "request" not in name}
        for answer in (wrong, unknown, unreadable)
    ]
    assert told[0] == told[1] == told[2]


async def test_another_spelling_of_a_client_id_is_another_client(registry: Driver, credential: Json) -> None:
    for spelling in (credential["client_id"].upper(), "{" + credential["client_id"] + "}"):
        answer = await ask(registry, grant(credential, client_id=spelling))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "x"}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_secret": "x"}, "invalid_client"),
    ],
)
async def test_a_form_without_what_it_needs_is_refused_by_name(
    registry: Driver, form: Json, error: str
) -> None:
    answer = await ask(registry, form, **FORM)
    assert answer.json()["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert set(answer.json()) == {"error", "error_description"}


async def test_two_ways_of_proving_oneself_at_once_are_refused(registry: Driver, credential: Json) -> None:
    proof = basic(credential["client_id"], credential["client_secret"])
    both = await ask(registry, grant(credential), Authorization=proof)
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    headers = [("Authorization", proof), ("Authorization", proof)]
    twice = await registry.client.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers=headers
    )
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("name", ["grant_type", "client_id", "client_secret", "scope", "unheard_of"])
async def test_a_field_that_stands_twice_is_refused(registry: Driver, credential: Json, name: str) -> None:
    fields = grant(credential, scope="sender", unheard_of="x")
    raw = "&".join(f"{key}={quote(value)}" for key, value in fields.items()) + f"&{name}="
    answer = await registry.client.post("/oauth/token", content=raw, headers=FORM)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_an_unknown_field_is_ignored(registry: Driver, credential: Json) -> None:
    """RFC 6749 section 3.2 demands it, other than our own contract."""
    assert (await ask(registry, grant(credential, resource="https://example.com"))).status_code == 200


@pytest.mark.parametrize(
    "raw",
    [b"grant_type", b"grant_type=%FF", b"\xff\xfe", b"a=1&" * 21, b"a=" + b"x" * 40_000],
    ids=["no value", "not UTF-8", "raw bytes", "many fields", "40 kB"],
)
async def test_a_form_that_cannot_be_read_is_an_invalid_request(registry: Driver, raw: bytes) -> None:
    answer = await registry.client.post("/oauth/token", content=raw, headers=FORM)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_json_is_not_a_form(registry: Driver, credential: Json) -> None:
    answer = await registry.client.post("/oauth/token", json=grant(credential))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_credentials_in_the_url_are_not_looked_at(registry: Driver, credential: Json) -> None:
    answer = await registry.client.post("/oauth/token", params=grant(credential), content=b"", headers=FORM)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_the_scope_is_the_role_and_nothing_else(registry: Driver, credential: Json) -> None:
    assert (await ask(registry, grant(credential, scope="sender"))).json()["scope"] == "sender"
    for wanted in ("admin", "sender admin", "SENDER"):
        answer = await ask(registry, grant(credential, scope=wanted))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_only_post_gives_tokens(registry: Driver) -> None:
    answer = await registry.get("/oauth/token")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_token_that_we_did_not_sign_opens_nothing(registry: Driver, credential: Json) -> None:
    token = (await ask(registry, grant(credential))).json()["access_token"]
    claims = jwt.decode(
        token,
        KeySet.import_key_set((await registry.get("/.well-known/jwks.json")).json()),
        algorithms=["ES256"],
    ).claims
    forged = ECKey.generate_key("P-256", {"kid": "mine"})
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "mine"}
    sent = {"Authorization": "Bearer " + jwt.encode(header, {**claims, "role": "admin"}, forged)}
    answer = await registry.client.get("/v1/controllers", headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
