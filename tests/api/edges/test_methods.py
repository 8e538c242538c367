"""Nothing is ever deleted; whoever tries is told so, and it is written down."""

import pytest

from tests.api.edges.service import Service


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/v1/notes", "GET, POST"), ("/v1/notes/1", "GET"), ("/v1/nothing", ""), ("/", "")],
)
async def test_delete_is_refused_everywhere_and_written_down(
    path: str, allowed: str, service: Service
) -> None:
    answer = await service.client.delete(path)
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == allowed
    assert service.refused == ["DELETE"]


async def test_an_attempt_that_cannot_be_written_down_gets_no_answer_about_the_method(
    service: Service,
) -> None:
    service.journal_works = False
    answer = await service.client.delete("/v1/notes")
    assert (answer.status_code, answer.json()["code"]) == (503, "FACTS_UNREADABLE")


async def test_another_wrong_method_is_told_every_right_one(service: Service) -> None:
    answer = await service.client.put("/v1/notes")
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, POST"
    assert service.refused == []
