"""A person signs a mandate with BankID: the registry believes that person, and nobody else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.crypto.bankid.chain import trust_in
from app.crypto.keys import KeyRing
from tests.cloned_registry import registry_at
from tests.conftest import Clone
from tests.crypto.bankid.forgeries import FORGERIES, Forgery
from tests.crypto.bankid.forging import Order
from tests.crypto.bankid.issuing import RELYING_PARTY, SIGNED, Bank, Said
from tests.registry_driver import Driver, Json, Party, claims, iso, served

BANK = Bank()


@pytest.fixture(scope="module")
async def registry(clone: Clone, ring: KeyRing) -> AsyncIterator[Driver]:
    """A registry that trusts the tests' own bank."""
    async with served(await clone(), ring, trust_in([BANK.root_certificate()], test=True)) as driver:
        yield driver


@pytest.fixture(scope="module")
async def agent(registry: Driver) -> Party:
    return await named(registry, await registry.agent())


@pytest.fixture(scope="module")
async def sender(registry: Driver) -> Party:
    return await registry.controller()


async def named(registry: Driver, agent: Party, subject: str = RELYING_PARTY) -> Party:
    """An agent that orders signatures under a name."""
    path = f"/v1/agents/{agent.id}/relying-parties"
    await registry.made(path, {"scheme": "bankid_se", "subject": subject}, await registry.admin())
    return agent


async def ordered(registry: Driver, agent: Party, **fields: Any) -> tuple[Json, Order]:
    """What the agent asks the registry to preview, and the order that it then gives to BankID."""
    request = claims(**{"signed_at": iso(SIGNED), **fields})
    preview = (await registry.post("/v1/mandates/preview", request, agent)).json()
    said = Said(preview["visible_text"] or "", preview["hidden_data"])
    return request, Order(BANK, said)


async def posted(registry: Driver, agent: Party, request: Json, completion: Any) -> Json:
    evidence = {
        "kind": "bankid_se",
        "collect": {"orderRef": "1", "status": "complete", "completionData": completion},
    }
    answer = await registry.post("/v1/mandates", {**request, "evidence": evidence}, agent)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


def outcomes(mandate: Json) -> dict[str, str]:
    return {check["code"]: check["outcome"] for check in mandate["checks"]}


async def test_a_mandate_that_the_person_signed_is_believed_at_level_three(
    registry: Driver, agent: Party
) -> None:
    request, order = await ordered(registry, agent)
    made = await posted(registry, agent, request, order.answer())
    assert (made["state"], made["level"]) == ("active", "L3")
    assert set(outcomes(made).values()) == {"passed"}
    objection = await registry.objection(agent, made, [(await registry.controller()).id])
    assert objection["state"] == "active"


@pytest.mark.parametrize("language", ["sv", "da", "nb", "en"])
async def test_the_person_reads_in_its_own_language_what_it_signs(
    registry: Driver, agent: Party, language: str
) -> None:
    template = {"id": "objection-mandate", "version": 1, "language": language}
    rights = ["object_dm", "receive_status"]
    request, order = await ordered(
        registry, agent, template=template, rights=rights, channels=["sms", "email"]
    )
    text = order.said.visible
    assert "Anna Test" in text
    assert text.count("\n- ") == len(rights)
    assert (await posted(registry, agent, request, order.answer()))["level"] == "L3"


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
async def test_a_forged_signature_is_never_believed(
    registry: Driver, agent: Party, sender: Party, forgery: Forgery
) -> None:
    request, order = await ordered(registry, agent)
    made = await posted(registry, agent, request, forgery.make(order))
    assert (made["state"], made["level"]) == ("rejected", "L0")
    assert outcomes(made)[forgery.noticed] == "failed"
    refused = await registry.object_to(agent, made, [sender.id])
    assert refused.json()["code"] == "SIGNATURE_INVALID"


async def test_a_signature_serves_one_mandate_only(registry: Driver, agent: Party) -> None:
    request, order = await ordered(registry, agent)
    answer = order.answer()
    assert (await posted(registry, agent, request, answer))["level"] == "L3"
    again = await posted(registry, agent, request, answer)
    assert (again["state"], outcomes(again)["BANKID_UNUSED"]) == ("rejected", "failed")


async def test_a_forger_who_comes_first_does_not_use_up_the_signature(registry: Driver, agent: Party) -> None:
    request, order = await ordered(registry, agent)
    answer, stranger = order.answer(), await registry.agent()
    stolen = await posted(registry, stranger, request, answer)
    assert (stolen["state"], outcomes(stolen)["BANKID_RELYING_PARTY"]) == ("rejected", "failed")
    assert (await posted(registry, agent, request, answer))["level"] == "L3"


async def test_what_was_signed_for_one_agent_is_no_evidence_for_another(
    registry: Driver, agent: Party
) -> None:
    """Also when both order under one name: the text names the agent."""
    request, order = await ordered(registry, agent)
    other = await named(registry, await registry.agent())
    assert outcomes(await posted(registry, other, request, order.answer()))["BANKID_TEXT"] == "failed"


@pytest.mark.parametrize(
    "changed",
    [
        {"rights": ["object_dm", "withdraw_objection"]},
        {"channels": ["sms"]},
        {"valid_to": iso(SIGNED + timedelta(days=700))},
        {"keep_if_unknown": False},
        {
            "grantor": {
                "type": "personal_number",
                "value": "200002292399",
                "country": "SE",
                "name": "Anna Test",
            }
        },
    ],
)
async def test_no_claim_can_be_changed_after_signing(registry: Driver, agent: Party, changed: Json) -> None:
    request, order = await ordered(registry, agent)
    made = await posted(registry, agent, {**request, **changed}, order.answer())
    assert (made["state"], outcomes(made)["BANKID_CLAIMS"]) == ("rejected", "failed")


async def test_the_stated_time_is_the_time_of_signing(registry: Driver, agent: Party) -> None:
    request, order = await ordered(registry, agent, signed_at=iso(SIGNED - timedelta(hours=1)))
    made = await posted(registry, agent, request, order.answer())
    assert (made["state"], outcomes(made)["BANKID_TIME"]) == ("rejected", "failed")


async def test_without_an_ocsp_answer_nothing_proves_the_time_and_the_level_is_lower(
    registry: Driver, agent: Party
) -> None:
    request, order = await ordered(registry, agent)
    answer = {name: value for name, value in order.answer().items() if name != "ocspResponse"}
    made = await posted(registry, agent, request, answer)
    assert (made["state"], made["level"]) == ("active", "L2")
    assert outcomes(made)["BANKID_TIME"] == "indeterminate"


async def test_a_text_that_is_not_registered_proves_less(registry: Driver, agent: Party) -> None:
    request, order = await ordered(registry, agent, template=None)
    made = await posted(registry, agent, request, order.answer(replace(order.said, visible="Fullmakt")))
    assert (made["level"], outcomes(made)["BANKID_TEXT"]) == ("L2", "indeterminate")


async def test_a_deployment_without_pinned_roots_believes_nobody(clone: Clone, ring: KeyRing) -> None:
    async with registry_at(await clone(), ring) as registry:
        agent = await registry.agent()
        request, order = await ordered(registry, agent)
        evidence = {"kind": "bankid_se", "collect": {"completionData": order.answer()}}
        refused = await registry.post("/v1/mandates", {**request, "evidence": evidence}, agent)
        assert (refused.status_code, refused.json()["code"]) == (422, "EVIDENCE_KIND_UNSUPPORTED")


async def test_what_is_no_answer_of_collect_is_refused(registry: Driver, agent: Party) -> None:
    for collect in ({}, {"status": "pending"}, {"completionData": "…"}, "…"):
        evidence = {"kind": "bankid_se", "collect": collect}
        refused = await registry.post("/v1/mandates", claims(evidence=evidence), agent)
        assert (refused.status_code, refused.json()["code"]) == (422, "VALIDATION")


async def test_only_an_admin_says_under_which_name_an_agent_orders(registry: Driver, agent: Party) -> None:
    path, body = f"/v1/agents/{agent.id}/relying-parties", {"scheme": "bankid_se", "subject": RELYING_PARTY}
    for caller in (agent, await registry.controller()):
        assert (await registry.post(path, body, caller)).json()["code"] == "ROLE_DENIED"
    admin = await registry.admin()
    assert (await registry.post(path, body, admin)).json()["code"] == "STATE_CONFLICT"
    sender = await registry.controller()
    other = path.replace(agent.id, sender.id)
    assert (await registry.post(other, body, admin)).status_code == 404


async def test_a_preview_stores_nothing_and_is_the_agents_own(registry: Driver, agent: Party) -> None:
    answer = await registry.post("/v1/mandates/preview", claims(), agent)
    assert answer.json()["hidden_data"] == f"objmandate:1:{answer.json()['claims_digest']}"
    assert (
        await registry.post("/v1/mandates/preview", claims(), await registry.controller())
    ).status_code == 403
    assert (await registry.post("/v1/mandates/preview", {}, agent)).json()["code"] == "VALIDATION"
