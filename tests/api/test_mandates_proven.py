"""The evidence of a mandate is opened for a stated purpose; a controller gets a proof without any name."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from app.cli import program
from tests.registry_driver import Driver, Json, Party, signed_mandate


@pytest.fixture(scope="module")
async def auditor(registry: Driver) -> Party:
    return await registry.staff("auditor")


def evidence_of(mandate: Json) -> str:
    return f"/v1/mandates/{mandate['id']}/evidence"


def proof_of(mandate: Json, controller: Party) -> str:
    return f"/v1/mandates/{mandate['id']}/proof?controller_id={controller.id}"


async def test_an_auditor_reads_the_evidence_as_it_was_sent(
    registry: Driver, agent: Party, auditor: Party
) -> None:
    request = signed_mandate(agent)
    made = (await registry.post("/v1/mandates", request, agent)).json()
    answer = await registry.get(evidence_of(made), auditor, Sparr_Purpose="Complaint 17")
    found = answer.json()
    assert (answer.status_code, found["kind"], found["erased"]) == (200, "agent_jws", False)
    assert found["evidence"] == request["evidence"]
    assert found["claims"] == {k: v for k, v in request.items() if k not in {"evidence", "reference"}}
    assert found["claims_digest"] == made["claims_digest"]


async def test_the_opening_is_journalled_with_its_purpose_which_the_agent_is_not_told(
    registry: Driver, agent: Party, auditor: Party
) -> None:
    made = await registry.mandate(agent)
    await registry.get(evidence_of(made), auditor, Sparr_Purpose="Complaint 18")
    path = f"/v1/mandates/{made['id']}/events"
    seen = (await registry.get(path, auditor)).json()["items"][1]
    assert (seen["kind"], seen["detail"]["purpose"]) == ("mandate.evidence_read", "Complaint 18")
    told = (await registry.get(path, agent)).json()["items"][1]
    assert (told["kind"], "purpose" in told["detail"]) == ("mandate.evidence_read", False)


async def test_evidence_is_not_opened_without_a_purpose(
    registry: Driver, agent: Party, auditor: Party
) -> None:
    made = await registry.mandate(agent)
    refused = await registry.get(evidence_of(made), auditor)
    assert (refused.status_code, refused.json()["code"]) == (422, "VALIDATION")


@pytest.mark.parametrize("role", ["agent", "customer_service", "sender"])
async def test_nobody_else_reads_evidence(registry: Driver, agent: Party, role: str) -> None:
    made = await registry.mandate(agent)
    who = agent if role == "agent" else await registry.controller(role=role)
    assert (await registry.get(evidence_of(made), who, Sparr_Purpose="x")).json()["code"] == "ROLE_DENIED"


async def test_the_evidence_of_an_unknown_mandate_is_not_found(registry: Driver, auditor: Party) -> None:
    found = await registry.get(f"/v1/mandates/{uuid4()}/evidence", auditor, Sparr_Purpose="x")
    assert (found.status_code, found.json()["code"]) == (404, "MANDATE_NOT_FOUND")


async def test_after_an_erasure_the_answer_says_so(registry: Driver, auditor: Party) -> None:
    agent = await registry.agent()
    grantor = {"type": "personal_number", "value": "200002292399", "country": "SE"}
    made = await registry.mandate(agent, grantor=grantor, identifiers=[])
    body = {
        "identifiers": [{"type": "personal_number", "value": "200002292399", "region": "SE"}],
        "reason": "asked",
    }
    await registry.post("/v1/subjects/erase", body, await registry.admin())
    done = await registry.post("/v1/subjects/erase", body, await registry.staff())
    assert done.json()["state"] == "erased", done.text
    found = (await registry.get(evidence_of(made), auditor, Sparr_Purpose="Complaint 19")).json()
    assert (found["erased"], found["evidence"], found["claims"], found["claims_digest"]) == (
        True,
        None,
        None,
        None,
    )


async def test_a_controller_gets_a_proof_of_the_mandate_that_its_entries_rest_on(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await registry.mandate(agent)
    objection = await registry.objection(agent, made, [sender.id])
    answer = await registry.get(proof_of(made, sender), sender)
    found = answer.json()
    assert (answer.status_code, found["level"], found["rights"]) == (200, "L1", ["object_dm"])
    assert found["template"] == {"id": "objection-mandate", "version": 1, "language": "sv"}
    assert [one["id"] for one in found["objections"]] == [objection["id"]]
    assert {check["outcome"] for check in found["checks"]} == {"passed"}


async def test_a_proof_names_nobody(registry: Driver, agent: Party, sender: Party) -> None:
    made = await registry.mandate(agent)
    await registry.objection(agent, made, [sender.id])
    proof = (await registry.get(proof_of(made, sender), sender)).json()
    claims = (await registry.post("/v1/receipts/verify", {"receipt": proof["receipt"]})).json()["claims"]
    for said in (json.dumps(proof), json.dumps(claims)):
        for secret in ("199001012385", "19900101", "Anna", "701740605", agent.id, made["claims_digest"]):
            assert secret not in said


async def test_a_proof_is_verified_online_and_offline(
    registry: Driver, agent: Party, sender: Party, tmp_path: Path
) -> None:
    made = await registry.mandate(agent)
    await registry.objection(agent, made, [sender.id])
    proof = (await registry.get(proof_of(made, sender), sender)).json()
    online = (await registry.post("/v1/receipts/verify", {"receipt": proof["receipt"]})).json()
    assert (online["code"], online["claims"]["mandate_id"]) == ("VALID", made["id"])
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    (tmp_path / "jwks.json").write_text((await registry.get("/.well-known/jwks.json")).text)
    said: Any = CliRunner().invoke(
        program(), ["receipt", "verify", str(tmp_path / "proof.json"), "--jwks", str(tmp_path / "jwks.json")]
    )
    assert (said.exit_code, json.loads(said.output)["claims"]["level"]) == (0, "L1")


async def test_a_mandate_never_used_towards_a_controller_is_none_to_it(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await registry.mandate(agent)
    await registry.objection(agent, made, [(await registry.controller()).id])
    refused = await registry.get(proof_of(made, sender), sender)
    unknown = await registry.get(proof_of({"id": str(uuid4())}, sender), sender)
    assert {refused.json()["code"], unknown.json()["code"]} == {"MANDATE_NOT_FOUND"}


async def test_a_proof_for_another_controller_is_refused(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made, other = await registry.mandate(agent), await registry.controller()
    await registry.objection(agent, made, [other.id])
    assert (await registry.get(proof_of(made, other), sender)).json()["code"] == "AUTH_CONTROLLER"


async def test_a_proof_is_a_reading_that_the_mandate_tells_of(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await registry.mandate(agent)
    await registry.objection(agent, made, [sender.id])
    answer = await registry.get(proof_of(made, sender), sender, Sparr_Purpose="A complaint")
    assert answer.status_code == 200, answer.text
    unstated = await registry.get(proof_of(made, sender), sender)
    assert unstated.status_code == 200, unstated.text
    path = f"/v1/mandates/{made['id']}/events"
    seen = (await registry.get(path, await registry.staff("auditor"))).json()["items"]
    found = [(one["actor_role"], one["detail"]) for one in seen if one["kind"] == "mandate.proven"]
    assert found == [
        ("sender", {"controller_id": sender.id, "purpose": "A complaint"}),
        ("sender", {"controller_id": sender.id}),
    ]
    shown = (await registry.get(path, agent)).json()["items"]
    assert [one["detail"] for one in shown if one["kind"] == "mandate.proven"] == [{}, {}]
