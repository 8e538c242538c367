"""An agent registers mandates: evidence is really verified, and what fails is kept with what was found."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import pytest
import rfc8785
from joserfc import jws
from joserfc.jwk import ECKey

from tests.registry_driver import ANNA, EMAIL, PHONE, Driver, Json, Party, claims, evidence_jws, iso
from tests.registry_driver import signed_mandate as signed

ALL_PASSED = ["passed"] * 4
NOT_TRIED = "indeterminate"


def outcomes(mandate: Json) -> list[str]:
    """Of the key, the signature, the digest and the time of signing."""
    codes = [check["code"] for check in mandate["checks"]]
    assert codes == ["EVIDENCE_KEY", "EVIDENCE_SIGNATURE", "CLAIMS_DIGEST", "SIGNED_AT"]
    return [check["outcome"] for check in mandate["checks"]]


async def registered(registry: Driver, agent: Party, body: Json) -> Json:
    answer = await registry.post("/v1/mandates", body, agent)
    assert answer.status_code == 201, answer.text
    mandate: Json = answer.json()
    return mandate


def with_jws(request: Json, text: str) -> Json:
    return {**request, "evidence": {"kind": "agent_jws", "jws": text}}


async def test_a_mandate_signed_with_the_agents_key_is_active_at_level_1(
    registry: Driver, agent: Party
) -> None:
    request = signed(agent)
    mandate = await registered(registry, agent, request)
    assert (mandate["state"], mandate["level"], outcomes(mandate)) == ("active", "L1", ALL_PASSED)
    stated = {name: value for name, value in request.items() if name not in {"evidence", "reference"}}
    assert mandate["claims_digest"] == "sha256:" + hashlib.sha256(rfc8785.dumps(stated)).hexdigest()


async def test_the_answer_says_what_was_registered_and_keeps_the_personal_number_out(
    registry: Driver, agent: Party
) -> None:
    email = {"type": "email", "value": "Anna.Test@Example.COM"}
    phone = {"type": "phone", "value": "070-174 06 05", "region": "SE"}
    request = signed(agent, identifiers=[phone, email, {"type": "personal_number", "value": ANNA["value"]}])
    answer = await registry.post("/v1/mandates", request, agent)
    mandate = answer.json()
    assert ANNA["value"] not in answer.text
    assert ANNA["name"] not in answer.text
    assert mandate["grantor"] == {"type": "personal_number", "country": "SE"}
    shown = [(one["index"], one["type"], one["canonical"]) for one in mandate["identifiers"]]
    assert shown == [(0, "phone", PHONE), (1, "email", EMAIL), (2, "personal_number", None)]
    assert all(one["accepted"] and one["warnings"] == [] for one in mandate["identifiers"])
    same = ["rights", "controllers", "channels", "valid_from", "valid_to", "signed_at", "template"]
    same += ["keep_if_unknown", "reference"]
    assert {name: mandate[name] for name in same} == {name: request[name] for name in same}
    assert mandate["agent_id"] == agent.id


async def test_an_identifier_given_as_a_hash_is_kept_as_a_hash(registry: Driver, agent: Party) -> None:
    hashed = {"type": "phone", "sha256": hashlib.sha256(PHONE.encode()).hexdigest()}
    mandate = await registry.mandate(agent, identifiers=[hashed, hashed])
    assert [one["canonical"] for one in mandate["identifiers"]] == [None, None]


async def test_what_is_left_out_is_not_signed_and_takes_its_default(registry: Driver, agent: Party) -> None:
    """The digest is over the request as sent, not as it was filled in."""
    request = claims(rights=["object_dm", "object_dm", "receive_status"], channels=["email", "sms"])
    for name in ("template", "keep_if_unknown"):
        del request[name]
    mandate = await registered(registry, agent, with_jws(request, evidence_jws(agent, request)))
    assert (mandate["state"], mandate["level"]) == ("active", "L1")
    assert (mandate["template"], mandate["keep_if_unknown"], mandate["reference"]) == (None, True, None)
    assert (mandate["rights"], mandate["channels"]) == (["object_dm", "receive_status"], ["sms", "email"])


async def test_a_mandate_names_controllers_by_id_or_organisation_number(
    registry: Driver, agent: Party
) -> None:
    first, second = await registry.controller(), await registry.controller()
    named = [f"org:{second.extra['org_no']}", first.id.upper(), first.id]
    mandate = await registry.mandate(agent, controllers=named)
    assert sorted(mandate["controllers"]) == sorted([first.id, second.id])


async def test_the_agents_word_alone_is_level_0(registry: Driver, agent: Party) -> None:
    evidence = {"kind": "external_ref", "reference": "archive 17"}
    mandate = await registry.mandate(agent, evidence=evidence)
    assert (mandate["state"], mandate["level"]) == ("active", "L0")
    assert outcomes(mandate) == [NOT_TRIED, NOT_TRIED, NOT_TRIED, "passed"]


@pytest.mark.parametrize(
    ("tampered", "value"),
    [
        ("rights", ["object_dm", "withdraw_objection"]),
        ("valid_to", iso(datetime.now(UTC) + timedelta(days=600))),
        ("keep_if_unknown", False),
        ("identifiers", []),
        ("grantor", {**ANNA, "name": "Anna Prov"}),
    ],
    ids=["rights", "end", "unknown customers", "identifiers", "grantor"],
)
async def test_a_claim_that_was_changed_after_signing_is_found_out(
    registry: Driver, agent: Party, tampered: str, value: Any
) -> None:
    mandate = await registered(registry, agent, {**signed(agent), tampered: value})
    assert (mandate["state"], mandate["level"]) == ("rejected", "L0")
    assert outcomes(mandate) == ["passed", "passed", "failed", "passed"]


async def test_a_signature_over_another_mandate_does_not_fit(registry: Driver, agent: Party) -> None:
    other = claims(rights=["object_dm_profiling"])
    mandate = await registered(registry, agent, with_jws(signed(agent), evidence_jws(agent, other)))
    assert (mandate["state"], outcomes(mandate)[2]) == ("rejected", "failed")


@pytest.mark.parametrize("payload", [{}, {"claims_digest": None}, {"claims_digest": "sha256:é"}, {"x": []}])
async def test_a_good_signature_over_something_else_does_not_fit(
    registry: Driver, agent: Party, payload: Json
) -> None:
    assert agent.key is not None
    text = jws.serialize_compact({"alg": "ES256", "kid": agent.key.kid}, json.dumps(payload), agent.key)
    mandate = await registered(registry, agent, with_jws(signed(agent), text))
    assert (mandate["state"], outcomes(mandate)) == ("rejected", ["passed", "passed", "failed", "passed"])


async def test_another_agents_registered_key_signs_nothing_for_this_one(
    registry: Driver, agent: Party
) -> None:
    other = await registry.agent()
    mandate = await registered(registry, agent, signed(other))
    assert (mandate["state"], mandate["level"]) == ("rejected", "L0")
    assert outcomes(mandate) == ["failed", NOT_TRIED, NOT_TRIED, "passed"]


async def test_a_foreign_key_under_the_name_of_a_registered_one_does_not_verify(
    registry: Driver, agent: Party
) -> None:
    assert agent.key is not None
    key = ECKey.generate_key("P-256", {"kid": str(agent.key.kid)})
    forger = Party("", "agent", {}, "", key)
    mandate = await registered(registry, agent, signed(forger))
    assert (mandate["state"], outcomes(mandate)) == ("rejected", ["passed", "failed", NOT_TRIED, "passed"])


async def test_a_key_that_nobody_registered_signs_nothing(registry: Driver, agent: Party) -> None:
    request = claims()
    text = evidence_jws(agent, request, kid=f"unknown-{token_hex(4)}")
    mandate = await registered(registry, agent, with_jws(request, text))
    assert (mandate["state"], outcomes(mandate)[0]) == ("rejected", "failed")


def unsigned(agent: Party, request: Json) -> str:
    """The agent's own token with the algorithm and the signature taken away."""
    _, payload, _ = evidence_jws(agent, request).split(".")
    return f"eyJhbGciOiJub25lIn0.{payload}."


def keyed_with_the_public_key(agent: Party, request: Json) -> str:
    """HS256 with the public key as the secret: everybody could make it."""
    assert agent.key is not None
    head = base64url({"alg": "HS256", "kid": agent.key.kid})
    _, payload, _ = evidence_jws(agent, request).split(".")
    signed_part = f"{head}.{payload}".encode()
    return (
        f"{head}.{payload}.{base64url(hmac.digest(agent.key.as_pem(private=False), signed_part, 'sha256'))}"
    )


def base64url(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def with_a_turned_bit(agent: Party, request: Json) -> str:
    head, payload, signature = evidence_jws(agent, request).split(".")
    return f"{head}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


@pytest.mark.parametrize(
    "forge", [unsigned, keyed_with_the_public_key, with_a_turned_bit, lambda *_: "", lambda *_: "a.b.c"]
)
async def test_what_is_not_an_es256_signature_verifies_nothing(
    registry: Driver, agent: Party, forge: Any
) -> None:
    request = claims()
    mandate = await registered(registry, agent, with_jws(request, forge(agent, request)))
    assert (mandate["state"], mandate["level"], outcomes(mandate)[1]) == ("rejected", "L0", "failed")


async def test_nobody_signs_in_the_future(registry: Driver, agent: Party) -> None:
    mandate = await registry.mandate(agent, signed_at=iso(datetime.now(UTC) + timedelta(minutes=5)))
    assert (mandate["state"], outcomes(mandate)) == ("rejected", ["passed", "passed", "passed", "failed"])


async def test_a_mandate_that_has_run_out_is_registered_as_expired(registry: Driver, agent: Party) -> None:
    now = datetime.now(UTC)
    times = {"valid_from": now - timedelta(days=30), "signed_at": now - timedelta(days=29)}
    times["valid_to"] = now - timedelta(days=1)
    mandate = await registry.mandate(agent, **{name: iso(time) for name, time in times.items()})
    assert (mandate["state"], mandate["level"], outcomes(mandate)) == ("expired", "L1", ALL_PASSED)


async def test_the_same_idempotency_key_gives_the_same_bytes_and_one_mandate(
    registry: Driver, agent: Party
) -> None:
    key, request = token_hex(8), signed(agent)
    first = await registry.post("/v1/mandates", request, agent, Idempotency_Key=key)
    again = await registry.post("/v1/mandates", request, agent, Idempotency_Key=key)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert (first.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    other = await registry.post("/v1/mandates", signed(agent), agent, Idempotency_Key=key)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")
