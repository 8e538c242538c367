"""Every way to fail has a code, a status and a document (RFC 9457), and none of them tells anything more."""

from uuid import UUID

import pytest

from app.api.documents import problems_text
from app.api.problems import PROBLEMS, TYPE_BASE, problem_body
from app.domain.refusals import Refusal
from tests.api.edges.service import MARKED, TOKEN, Service
from tests.architecture.repository import ROOT

FIELDS = ["type", "title", "status", "detail", "instance", "code"]


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_has_its_problem(refusal: Refusal) -> None:
    problem = PROBLEMS[refusal.value]
    assert problem.code == refusal.value
    assert problem.status in {403, 404, 409, 422, 429, 503}


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_document_has_all_its_fields(code: str) -> None:
    body = problem_body(code)
    assert list(body) == FIELDS
    assert body["type"] == TYPE_BASE + code
    assert UUID(body["instance"].removeprefix("urn:uuid:"))


def test_the_published_problems_are_those_of_the_table() -> None:
    assert (ROOT / "openapi" / "problems.json").read_text(encoding="utf-8") == problems_text()


async def test_a_foreign_thing_and_an_unknown_address_are_both_not_found(service: Service) -> None:
    foreign = await service.client.get(
        "/v1/notes/01920000-0000-7000-8000-000000000000", headers={"Authorization": TOKEN}
    )
    unknown = await service.client.get("/v1/nothing")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.headers["content-type"] == unknown.headers["content-type"] == "application/problem+json"
    differing = [field for field in FIELDS if foreign.json()[field] != unknown.json()[field]]
    assert differing == ["instance"]


async def test_unreadable_facts_are_503_and_say_how_to_repeat(service: Service) -> None:
    answer = await service.client.get("/v1/failing/unavailable")
    assert (answer.status_code, answer.json()["code"]) == (503, "FACTS_UNREADABLE")
    assert answer.headers["retry-after"] == "1"
    assert "Idempotency-Key" in answer.json()["detail"]
    assert MARKED not in answer.text


async def test_an_unforeseen_error_is_500_and_says_nothing_about_itself(service: Service) -> None:
    answer = await service.client.get("/v1/failing/badly")
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Idempotency-Key" in answer.json()["detail"]
    assert MARKED not in answer.text
    assert "FailingError" not in answer.text
