"""What cannot be a mandate at all is refused with its code, journalled, and leaves nothing behind."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any, get_args

import pytest

from app.api.schemas.mandates import RevokeMandateRequest, RightCode
from app.domain.mandate import RevokedBy
from app.domain.rights import EXCLUDED_RIGHTS, RIGHTS
from tests.direct import superuser
from tests.registry_driver import ANNA, Driver, Json, Party, claims, evidence_jws, iso
from tests.registry_driver import signed_mandate as signed

NOW = datetime.now(UTC)
P2: Json = {"type": "personal_number", "value": "200002292399"}


@pytest.fixture
async def behind(database_url: str) -> AsyncIterator[Any]:
    connection = await superuser(database_url)
    yield connection
    await connection.close()


async def refused(registry: Driver, who: Party, body: Any, **headers: str) -> tuple[int, str]:
    answer = await registry.post("/v1/mandates", body, who, **headers)
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("right", EXCLUDED_RIGHTS)
async def test_a_mandate_cannot_give_what_stays_with_the_person(
    registry: Driver, agent: Party, right: str
) -> None:
    request = signed(agent, rights=["object_dm", right])
    assert await refused(registry, agent, request) == (403, "MANDATE_SCOPE")


async def test_a_refused_mandate_is_journalled_and_nothing_of_it_is_stored(
    registry: Driver, behind: Any
) -> None:
    agent = await registry.agent()
    assert await refused(registry, agent, signed(agent, rights=["erasure"])) == (403, "MANDATE_SCOPE")
    journalled = await behind.fetch(
        "SELECT kind, outcome, object_id FROM registry.event WHERE actor_id = $1", agent.id
    )
    assert [tuple(row) for row in journalled] == [("mandate.registered", "MANDATE_SCOPE", None)]
    assert not await behind.fetch("SELECT FROM registry.mandate WHERE agent_id = $1", agent.id)


@pytest.mark.parametrize(
    "changes",
    [
        {"rights": ["fly"]},
        {"rights": []},
        {"rights": ["object_dm"] * 9},
        {"controllers": []},
        {"controllers": ["NF"]},
        {"controllers": ["{0199aaaa-0000-7000-8000-000000000001}"]},
        {"controllers": "some"},
        {"channels": ["telex"]},
        {"channels": []},
        {"identifiers": [P2] * 21},
        {"grantor": {"type": "phone", "value": "+46701740605", "country": "SE"}},
        {"grantor": {"type": "personal_number", "value": ANNA["value"]}},
        {"valid_to": "2027-02-01"},
        {"signed_at": "2026-02-01T10:00:00"},
        {"keep_if_unknown": "yes"},
        {"template": {"id": "objection-mandate", "version": "1", "language": "sv"}},
        {"reference": "x" * 501},
        {"evidence": {"kind": "oath"}},
        {"evidence": {"kind": "agent_jws"}},
        {"evidence": {"kind": "agent_jws", "jws": "x" * 8193}},
        {"evidence": {"kind": "external_ref", "reference": "r", "jws": "x"}},
        {"reason": "because"},
    ],
    ids=str,
)
async def test_a_request_that_does_not_fit_the_contract_is_no_mandate(
    registry: Driver, agent: Party, changes: Json
) -> None:
    assert await refused(registry, agent, {**signed(agent), **changes}) == (422, "VALIDATION")


@pytest.mark.parametrize(
    "evidence",
    [
        {"kind": "document", "pdf": "JVBERi0="},
        {"kind": "document", "media_type": "text/html", "content": "JVBERi0="},
        {"kind": "freja", "jws": "x"},
    ],
)
async def test_evidence_that_this_version_cannot_verify_is_not_taken_in(
    registry: Driver, agent: Party, evidence: Json
) -> None:
    request = signed(agent, evidence=evidence)
    assert await refused(registry, agent, request) == (422, "VALIDATION")


@pytest.mark.parametrize(
    ("begins", "ends"), [(NOW, NOW + timedelta(days=732)), (NOW, NOW), (NOW, NOW - timedelta(days=1))]
)
async def test_a_mandate_ends_after_it_begins_and_within_24_months(
    registry: Driver, agent: Party, begins: datetime, ends: datetime
) -> None:
    request = signed(agent, valid_from=iso(begins), valid_to=iso(ends))
    assert await refused(registry, agent, request) == (422, "INVALID_TIME")


@pytest.mark.parametrize(
    "unknown", ["0199aaaa-0000-7000-8000-000000000001", "org:5500000000"], ids=["id", "organisation"]
)
async def test_a_mandate_for_an_unknown_controller_is_refused_as_a_whole(
    registry: Driver, agent: Party, unknown: str
) -> None:
    known = await registry.controller()
    request = signed(agent, controllers=[known.id, unknown])
    assert await refused(registry, agent, request) == (403, "AUTH_CONTROLLER")


async def test_only_controllers_are_addressed_and_no_other_party(registry: Driver, agent: Party) -> None:
    source = await registry.source()
    request = signed(agent, controllers=[source.id])
    assert await refused(registry, agent, request) == (403, "AUTH_CONTROLLER")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"grantor": {**ANNA, "value": "199001012386"}}, "/grantor "),
        ({"grantor": {**ANNA, "value": "unreadable-secret"}}, "/grantor "),
        (
            {"identifiers": [P2 | {"value": ANNA["value"]}, {"type": "phone", "value": "abc"}]},
            "/identifiers/1 ",
        ),
        ({"identifiers": [{"type": "phone", "value": "070-174 06 05"}]}, "/identifiers/0 "),
        ({"identifiers": [{"type": "email"}]}, "/identifiers/0 "),
        (
            {"identifiers": [{"type": "email", "value": "a@example.com", "sha256": "0" * 64}]},
            "/identifiers/0 ",
        ),
    ],
)
async def test_an_identifier_that_cannot_be_read_is_named_by_its_place_and_not_repeated(
    registry: Driver, agent: Party, changes: Json, pointer: str
) -> None:
    answer = await registry.post("/v1/mandates", signed(agent, **changes), agent)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "INVALID_IDENTIFIER")
    assert problem["detail"].startswith(pointer)
    del problem["instance"]
    assert not any(sent in str(problem) for sent in ("abc", "secret", "070-174", "1990", "a@example"))


async def test_a_personal_number_that_is_not_the_grantors_is_somebody_else(
    registry: Driver, agent: Party
) -> None:
    request = signed(agent, identifiers=[P2])
    assert await refused(registry, agent, request) == (403, "IDENTIFIER_NOT_GRANTOR")


async def test_nothing_new_is_taken_in_from_a_suspended_agent(registry: Driver) -> None:
    agent = await registry.agent()
    earlier = await registry.mandate(agent)
    admin = await registry.admin()
    reason = {"reason": "complaints"}
    assert (await registry.post(f"/v1/agents/{agent.id}/suspend", reason, admin)).status_code == 200
    assert await refused(registry, agent, signed(agent)) == (403, "AGENT_SUSPENDED")
    assert (await registry.get(f"/v1/mandates/{earlier['id']}", agent)).json()["state"] == "active"
    assert (await registry.post(f"/v1/agents/{agent.id}/resume", reason, admin)).status_code == 200
    assert (await registry.mandate(agent))["state"] == "active"


async def test_nobody_but_an_agent_registers_mandates(registry: Driver, agent: Party) -> None:
    others = [await registry.admin(), await registry.controller(), await registry.source()]
    others.append(await registry.credential(others[1].id, "customer_service"))
    for other in others:
        assert await refused(registry, other, signed(agent)) == (403, "ROLE_DENIED")


async def test_a_refusal_is_repeated_under_the_same_key(registry: Driver, agent: Party) -> None:
    key, request = token_hex(8), claims(rights=["access"])
    request["evidence"] = {"kind": "agent_jws", "jws": evidence_jws(agent, request)}
    first = await registry.post("/v1/mandates", request, agent, Idempotency_Key=key)
    again = await registry.post("/v1/mandates", request, agent, Idempotency_Key=key)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["idempotency-replayed"] == "true"


def test_the_contract_names_every_right_kind_of_evidence_and_revoker_that_the_domain_knows() -> None:
    assert get_args(RightCode) == (*RIGHTS, *EXCLUDED_RIGHTS)
    assert get_args(RevokeMandateRequest.model_fields["by"].annotation) == tuple(RevokedBy)
