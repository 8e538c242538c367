"""What is seen of a request from outside, and what is not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.api.metrics import count_lookup
from tests.api.edges.service import KNOWN, MARKED, METRICS_TOKEN, TOKEN, Service
from tests.architecture.repository import ROOT

ID = "01920000-0000-7000-8000-000000000000"


async def numbers(service: Service) -> str:
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    answer = await service.client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return answer.text


async def test_a_request_is_one_line_with_its_template_and_without_what_was_asked(service: Service) -> None:
    with capture_logs() as lines:
        answer = await service.client.get(f"/v1/notes/{ID}?q={MARKED}", headers={"Authorization": TOKEN})
    (line,) = lines
    assert line["route"] == "/v1/notes/{note_id}"
    assert (line["method"], line["status"], line["role"]) == ("GET", 404, "sender")
    assert line["bytes"] == len(answer.content)
    assert line["duration_ms"] >= 0
    assert line["request_id"] == answer.headers["x-request-id"]
    assert not [word for word in (MARKED, ID, "127.0.0.1", "good") if word in json.dumps(line)]


async def test_an_answer_is_measured_in_bytes(service: Service) -> None:
    with capture_logs() as lines:
        answer = await service.client.get(f"/v1/notes/{KNOWN}", headers={"Authorization": TOKEN})
    assert [(line["status"], line["bytes"]) for line in lines] == [(200, len(answer.content))]


async def test_the_id_in_the_header_is_that_of_the_problem_and_never_the_callers(service: Service) -> None:
    answer = await service.client.get("/v1/nothing", headers={"X-Request-Id": MARKED})
    assert answer.json()["instance"] == "urn:uuid:" + answer.headers["x-request-id"]
    assert MARKED not in answer.headers["x-request-id"]


@pytest.mark.parametrize("path", [f"/v1/{MARKED}", f"/{MARKED}?x={MARKED}"])
async def test_an_unknown_address_leaves_no_trace_of_itself(path: str, service: Service) -> None:
    with capture_logs() as lines:
        await service.client.request("GET" if "?" in path else MARKED, path)
    assert [line["route"] for line in lines] == ["unmatched"]
    assert MARKED not in json.dumps(lines) + await numbers(service)


async def test_an_error_is_logged_by_type_and_place_without_its_words(service: Service) -> None:
    with capture_logs() as lines:
        await service.client.get("/v1/failing/badly")
    failure = next(line for line in lines if line["event"] == "failed")["failure"]
    assert [one["type"].rpartition(".")[2] for one in failure] == ["FailingError", "KeyError"]
    assert failure[0]["at"][-1].startswith("api/edges/service.py:")
    assert MARKED not in json.dumps(lines)


async def test_an_answer_that_breaks_off_is_no_whole_answer(service: Service) -> None:
    messages: list[str] = []

    async def send(message: dict[str, object]) -> None:
        messages.append(str(message.get("more_body", message["type"])))

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/v1/broken-off", "headers": [], "query_string": b""}
    with capture_logs() as lines, pytest.raises(Exception) as raised:  # noqa: PT011 -- its class is the point
        await service.app(scope, receive, send)  # type: ignore[arg-type]  # plain dicts are what a server sends
    assert type(raised.value).__name__ == "AnswerBrokenOff"
    assert messages == ["http.response.start", "True"]
    assert MARKED not in json.dumps(lines) + repr(raised.value)


async def test_answers_are_not_stored_not_sniffed_and_tell_no_referrer(service: Service) -> None:
    for path in ("/livez", "/v1/nothing", "/v1/failing/badly"):
        headers = (await service.client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


async def test_requests_are_counted_by_template_and_class_of_status(service: Service) -> None:
    await service.client.get(f"/v1/notes/{ID}", headers={"Authorization": TOKEN})
    count_lookup(asked=4, blocked=1)
    shown = await numbers(service)
    assert 'sparr_requests_total{method="GET",route="/v1/notes/{note_id}",status="4xx"}' in shown
    assert 'sparr_request_duration_seconds_count{method="GET",route="/v1/notes/{note_id}"}' in shown
    assert "sparr_lookup_identifiers_asked_total" in shown
    assert "sparr_lookup_identifiers_blocked_total" in shown


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer wrong", METRICS_TOKEN, "bearer numbers", "Bearer é"])
async def test_without_the_metrics_token_there_are_no_metrics(sent: str, service: Service) -> None:
    answer = await service.client.get("/metrics", headers={b"Authorization": sent.encode()})
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("token", [None, ""])
async def test_without_a_configured_token_nobody_sees_the_metrics(
    token: str | None, service: Service
) -> None:
    service.app.state.metrics_token = token
    answer = await service.client.get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 404


def test_two_workers_show_the_sum_of_both(tmp_path: Path) -> None:
    worker = "from app.api.metrics import *; count_lookup(3, 1); print(exposition().decode())"
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    shown = [
        subprocess.run(
            [sys.executable, "-c", worker],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert "sparr_lookup_identifiers_asked_total 3.0" in shown[0]
    assert "sparr_lookup_identifiers_asked_total 6.0" in shown[1]


LOGGING = f"""
import asyncio, logging, structlog
from app.api.logs import configure_logging
configure_logging()
structlog.get_logger("sparr.requests").info("request", route="/livez")
try:
    raise ValueError("{MARKED}")
except ValueError:
    logging.getLogger("uvicorn.error").exception("Exception in %s", "{MARKED}")
logging.getLogger("asyncio").error("Task exception was never retrieved\\nfuture: {MARKED}")
"""


def test_every_line_of_the_log_is_json_and_keeps_to_itself_what_other_libraries_say() -> None:
    program = [sys.executable, "-c", LOGGING]
    outcome = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in outcome.stderr.splitlines()]
    assert [line["event"] for line in lines] == [
        "request",
        "Exception in %s",
        "Task exception was never retrieved",
    ]
    assert lines[1]["failure"][0]["type"] == "builtins.ValueError"
    assert all({"level", "timestamp"} <= line.keys() for line in lines)
    assert MARKED not in outcome.stderr
