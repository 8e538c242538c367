"""A person signs a mandate with Freja or MitID: the registry believes the pinned issuer, and nobody else."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from tests.cloned_registry import registry_at
from tests.conftest import Clone
from tests.crypto.eid.forgeries import EC_HEADER, FORGERIES, Forgery, as_der
from tests.crypto.eid.stating import (
    AUDIENCE,
    BROKER,
    HEADER,
    SIGNED,
    Statement,
    by_ec,
    by_pss,
    by_rsa,
    genuine,
    issuers,
    signed,
)
from tests.registry_driver import Driver, Json, Party, claims, iso, served


@pytest.fixture(scope="module")
async def registry(clone: Clone, ring: KeyRing) -> AsyncIterator[Driver]:
    """A registry that has pinned the tests' own issuers."""
    async with served(await clone(), ring, eid=issuers()) as driver:
        yield driver


@pytest.fixture(scope="module")
async def agent(registry: Driver) -> Party:
    return await named(registry, await registry.agent())


@pytest.fixture(scope="module")
async def sender(registry: Driver) -> Party:
    return await registry.controller()


async def named(registry: Driver, agent: Party, scheme: str = "freja_se") -> Party:
    path = f"/v1/agents/{agent.id}/relying-parties"
    await registry.made(path, {"scheme": scheme, "subject": AUDIENCE}, await registry.admin())
    return agent


async def asked(registry: Driver, agent: Party, **fields: Any) -> tuple[Json, Statement]:
    """What the agent asks the registry to preview, and what the issuer is then asked to say."""
    request = claims(**{"signed_at": iso(SIGNED), **fields})
    preview = (await registry.post("/v1/mandates/preview", request, agent)).json()
    return request, Statement(preview["visible_text"] or "", preview["hidden_data"])


async def posted(registry: Driver, agent: Party, request: Json, jws: str, kind: str = "freja_se") -> Json:
    evidence = {"kind": kind, "jws": jws}
    answer = await registry.post("/v1/mandates", {**request, "evidence": evidence}, agent)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


def outcomes(mandate: Json) -> dict[str, str]:
    return {check["code"]: check["outcome"] for check in mandate["checks"]}


async def test_a_mandate_that_the_person_signed_with_freja_is_believed_at_level_three(
    registry: Driver, agent: Party, sender: Party
) -> None:
    request, statement = await asked(registry, agent)
    made = await posted(registry, agent, request, genuine(statement))
    assert (made["state"], made["level"]) == ("active", "L3")
    assert set(outcomes(made).values()) == {"passed"}
    assert (await registry.objection(agent, made, [sender.id]))["state"] == "active"


async def test_a_second_key_of_the_issuer_is_believed_with_its_own_padding(
    registry: Driver, agent: Party
) -> None:
    request, statement = await asked(registry, agent)
    header = {**HEADER, "kid": "freja-2", "alg": "PS256"}
    jws = signed(header, statement.payload(), by_pss("freja-2"))
    assert (await posted(registry, agent, request, jws))["level"] == "L3"


async def test_a_danish_grantor_signs_with_mitid(registry: Driver) -> None:
    agent = await named(registry, await registry.agent(), "mitid_dk")
    grantor = {"type": "personal_number", "value": "010190-0000", "country": "DK", "name": "Anna Test"}
    template = {"id": "objection-mandate", "version": 1, "language": "da"}
    request, statement = await asked(registry, agent, grantor=grantor, template=template)
    payload = {
        "iss": BROKER,
        "aud": [AUDIENCE],
        "iat": statement.issued_at,
        "dk.cpr": "0101900000",
        "hidden_data": statement.hidden,
        "visible_text": statement.visible,
    }
    der = await posted(registry, agent, request, as_der(statement.but(iss=BROKER)), "mitid_dk")
    assert (der["state"], outcomes(der)["EID_SIGNATURE"]) == ("rejected", "failed")
    made = await posted(registry, agent, request, signed(EC_HEADER, payload, by_ec("broker-1")), "mitid_dk")
    assert (made["state"], made["level"]) == ("active", "L3")


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
async def test_a_forged_statement_is_never_believed(
    registry: Driver, agent: Party, sender: Party, forgery: Forgery
) -> None:
    request, statement = await asked(registry, agent)
    made = await posted(registry, agent, request, forgery.make(statement))
    assert (made["state"], made["level"]) == ("rejected", "L0")
    assert outcomes(made)[forgery.noticed] == "failed"
    refused = await registry.object_to(agent, made, [sender.id])
    assert refused.json()["code"] == "SIGNATURE_INVALID"


def test_the_corpus_is_large_enough_and_notices_by_every_check_but_the_last() -> None:
    assert len(FORGERIES) >= 50
    assert len({forgery.name for forgery in FORGERIES}) == len(FORGERIES)
    assert len({forgery.noticed for forgery in FORGERIES}) == 11


async def test_a_statement_serves_one_mandate_only_and_who_sends_it_again_stands_out(
    registry: Driver,
) -> None:
    agent = await named(registry, await registry.agent())
    request, statement = await asked(registry, agent)
    jws = genuine(statement)
    assert (await posted(registry, agent, request, jws))["level"] == "L3"
    again = await posted(registry, agent, request, jws)
    assert (again["state"], outcomes(again)["EID_UNUSED"]) == ("rejected", "failed")
    answer = await registry.get("/v1/audit/agents/anomalies", await registry.staff("auditor"))
    (mine,) = [one for one in answer.json()["items"] if one["agent_id"] == agent.id]
    assert [one["code"] for one in mine["anomalies"]] == ["REUSED_EVIDENCE"]


async def test_a_forger_who_comes_first_does_not_use_up_the_statement(registry: Driver, agent: Party) -> None:
    request, statement = await asked(registry, agent)
    stolen = await posted(registry, await registry.agent(), request, genuine(statement))
    assert (stolen["state"], outcomes(stolen)["EID_AUDIENCE"]) == ("rejected", "failed")
    assert (await posted(registry, agent, request, genuine(statement)))["level"] == "L3"


async def test_claims_that_were_not_signed_are_refused(registry: Driver, agent: Party) -> None:
    """The agent asks for more than the person saw."""
    _, statement = await asked(registry, agent)
    wider = claims(signed_at=iso(SIGNED), rights=["object_dm", "withdraw_objection"])
    made = await posted(registry, agent, wider, genuine(statement))
    assert (made["state"], outcomes(made)["EID_CLAIMS"]) == ("rejected", "failed")


async def test_without_the_text_it_is_open_what_the_person_read(registry: Driver, agent: Party) -> None:
    request, statement = await asked(registry, agent)
    payload = statement.payload()
    del payload["signatureData"]["text"]
    made = await posted(registry, agent, request, signed(HEADER, payload, by_rsa("freja-1")))
    assert (made["state"], made["level"]) == ("active", "L2")
    assert [code for code, outcome in outcomes(made).items() if outcome != "passed"] == ["EID_TEXT"]


async def test_a_statement_is_checked_again_as_of_when_it_was_received(
    registry: Driver, agent: Party
) -> None:
    request, statement = await asked(registry, agent)
    made = await posted(registry, agent, request, genuine(statement))
    admin = await registry.admin()
    again = await registry.client.post(
        f"/v1/mandates/{made['id']}/recheck", headers=admin.headers | {"Sparr-Purpose": "a test"}
    )
    assert again.status_code == 200, again.text
    assert (again.json()["state"], again.json()["level"]) == ("active", "L3")


async def test_an_eid_without_a_pinned_issuer_is_refused(clone: Clone, ring: KeyRing) -> None:
    async with registry_at(await clone(), ring) as driver:
        evidence = {"kind": "freja_se", "jws": "a.b.c"}
        answer = await driver.post("/v1/mandates", {**claims(), "evidence": evidence}, await driver.agent())
        assert (answer.status_code, answer.json()["code"]) == (422, "EVIDENCE_KIND_UNSUPPORTED")
