"""What a body must be before anything believes it."""

import json
from collections.abc import AsyncIterator
from time import process_time
from typing import Any

import httpx2
import pytest

from app.api.bodies import parse
from app.api.problems import EdgeError
from tests.api.edges.service import MARKED, TOKEN, Note, Service

JSON = {"Content-Type": "application/json", "Authorization": TOKEN}


async def send(service: Service, body: Any, **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await service.client.post("/v1/notes", content=content, headers={**JSON, **headers})


async def test_a_body_that_fits_is_taken_and_its_time_is_in_utc(service: Service) -> None:
    answer = await send(service, {"reference": "A1-0001", "at": "2026-11-21T13:00:00+01:00"})
    assert answer.status_code == 201
    assert answer.json()["at"] == "2026-11-21T12:00:00Z"


async def test_who_has_no_token_is_told_so_before_the_body_is_looked_at(service: Service) -> None:
    answer = await send(service, b"{" * 300_000, Authorization="")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "media",
    ["text/plain", "application/xml", "application/json; charset=latin-1", "application/jsonp", "", "json"],
)
async def test_a_body_of_another_type_is_refused_with_what_is_accepted(media: str, service: Service) -> None:
    answer = await send(service, {"reference": "A"}, **{"Content-Type": media})
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert answer.headers["accept"] == "application/json"


@pytest.mark.parametrize("media", ["application/json", "Application/JSON ; charset=UTF-8"])
async def test_json_is_json_however_its_type_is_written(media: str, service: Service) -> None:
    assert (await send(service, {"reference": "A"}, **{"Content-Type": media})).status_code == 201


@pytest.mark.parametrize("encoding", ["gzip", "identity", "br, gzip", "x"])
async def test_an_encoded_body_is_refused_unread(encoding: str, service: Service) -> None:
    answer = await send(service, {"reference": "A"}, **{"Content-Encoding": encoding})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")


async def test_a_body_that_announces_too_much_is_refused_without_reading_it(service: Service) -> None:
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(b"{}")
        yield b"{}"

    headers = {**JSON, "Content-Length": "200001"}
    answer = await service.client.post("/v1/notes", content=body(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert answer.headers["connection"] == "close"
    assert read == []


async def test_a_body_that_announces_nothing_is_counted_while_it_comes(service: Service) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b" " * 50_000

    answer = await service.client.post("/v1/notes", content=body(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert read == 5


@pytest.mark.parametrize(
    "content", [b"", b"[", b'{"reference":"A","reference":"B"}', b'{"reference":"\\ud800"}']
)
async def test_a_body_that_is_not_strict_json_is_malformed(content: bytes, service: Service) -> None:
    answer = await send(service, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "MALFORMED_JSON")


async def test_a_field_that_the_contract_does_not_know_is_refused_without_repeating_its_name(
    service: Service,
) -> None:
    answer = await send(
        service, {"reference": "A", MARKED: 1, "recipients": [{"type": "phone", MARKED: MARKED}]}
    )
    found = {(one["pointer"], one["code"]) for one in answer.json()["errors"]}
    assert ("", "EXTRA_FORBIDDEN") in found
    assert ("/recipients/0", "EXTRA_FORBIDDEN") in found
    assert ("/recipients/0/value", "MISSING") in found
    assert MARKED not in answer.text


async def test_a_wrong_value_is_told_by_its_place_and_never_repeated(service: Service) -> None:
    answer = await send(service, {"reference": MARKED * 50, "at": MARKED, "count": MARKED})
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/reference", "STRING_TOO_LONG"),
        ("/at", "TIME_FORMAT"),
        ("/count", "INT_TYPE"),
    ]
    assert answer.json()["errors_total"] == 3
    assert MARKED not in answer.text


@pytest.mark.parametrize("count", ["1", 1.0, True, 1e2])
async def test_a_whole_number_is_not_guessed_from_anything_else(count: object, service: Service) -> None:
    answer = await send(service, {"reference": "A", "count": count})
    assert answer.json()["errors"][0]["pointer"] == "/count"


async def test_a_body_that_is_not_an_object_is_told_as_a_whole(service: Service) -> None:
    answer = await send(service, [1])
    assert [one["pointer"] for one in answer.json()["errors"]] == [""]


@pytest.mark.parametrize(
    "recipients",
    [[1] * 49_990, [{}] * 33_300, ["a"] * 24_000 + [1] * 1_000],
    ids=["numbers", "objects", "late"],
)
async def test_a_hundred_kilobytes_of_wrong_items_are_answered_at_once_and_briefly(
    recipients: list[Any], service: Service
) -> None:
    content = json.dumps({"recipients": recipients}, separators=(",", ":")).encode()
    assert 95_000 < len(content) < 105_000
    spent = []
    for _ in range(3):
        started = process_time()
        answer = await send(service, content)
        spent.append(process_time() - started)
    # The first one also pays for the garbage of all tests before it.
    assert min(spent) < 0.1
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert len(answer.json()["errors"]) <= 20
    assert len(answer.content) < 5_000


async def test_many_unknown_fields_are_counted_and_twenty_are_told(service: Service) -> None:
    answer = await send(service, {"reference": "A", **{f"field{number}": 0 for number in range(60)}})
    assert len(answer.json()["errors"]) == 20
    assert answer.json()["errors_total"] == 60


def test_a_list_longer_than_the_limit_is_one_error() -> None:
    with pytest.raises(EdgeError) as refused:
        parse(Note, json.dumps({"reference": "A", "recipients": [""] * 50_001}).encode())
    assert [(one["pointer"], one["code"]) for one in refused.value.errors or []] == [
        ("/recipients", "TOO_LONG")
    ]


async def test_a_wrong_path_or_query_is_told_by_the_name_of_the_parameter(service: Service) -> None:
    answer = await service.client.get(f"/v1/notes/{MARKED}", headers={"Authorization": TOKEN})
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert answer.json()["errors"] == [
        {"pointer": "/path/note_id", "code": "UUID_PARSING", "detail": "An id (UUID) is expected."}
    ]
    assert MARKED not in answer.text


async def test_lines_come_to_the_route_as_they_were_sent_and_are_kept_for_the_digest(
    service: Service,
) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    answer = await service.client.post("/v1/lines", content=b"{}\n{}\n", headers=headers)
    assert answer.json() == {"media": "application/x-ndjson", "lines": 2, "kept": True}
