"""A list of any length, streamed: it comes back in its order, with decision, code and a summary."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from app.api.routes import lookup_streams
from tests.registry_driver import PHONE, Driver, Json, Party

ALLOWED = ("allow", "NO_OBJECTION_FOUND")
INVALID = ("block", "INPUT_INVALID")
BLOCKED = ("block", "DNC_INTERNAL")
MEDIA = {"ndjson": "application/x-ndjson", "csv": "text/csv"}


async def stream(
    registry: Driver, sender: Party, content: Any, media: str = "ndjson", **fields: Any
) -> httpx2.Response:
    asked = {"controller_id": sender.id, "channel": "sms", "purpose": "marketing", "region": "SE", **fields}
    params = {name: value for name, value in asked.items() if value is not None}
    headers = {**sender.headers, "Content-Type": MEDIA.get(media, media)}
    return await registry.client.post("/v1/lookups/stream", content=content, headers=headers, params=params)


def members(answer: httpx2.Response) -> tuple[list[Json], Json]:
    """The rows of an NDJSON answer, and its summary."""
    assert answer.status_code == 200, answer.text
    *rows, last = map(json.loads, answer.text.splitlines())
    return rows, last["summary"]


def codes(rows: list[Json]) -> list[tuple[str, str]]:
    return [(one["decision"], one["code"]) for one in rows]


async def someone_blocked(registry: Driver) -> Party:
    desk = await registry.controller("customer_service")
    assert (await registry.enter(desk, {"type": "phone", "value": PHONE})).status_code == 201
    return desk


def numbers(count: int) -> list[str]:
    return [f"+46701740{605 + n % 95}" for n in range(count)]


async def test_every_line_is_answered_in_its_order_duplicates_too(registry: Driver) -> None:
    desk = await someone_blocked(registry)
    lines: list[Any] = [PHONE, "070-174 06 06", {"type": "phone", "value": PHONE, "mine": 1}, "see notes"]
    lines += [
        {"all": [{"type": "phone", "value": PHONE}]},
        PHONE,
        {"type": "email", "value": "a@example.com"},
    ]
    body = "".join(json.dumps(line) + "\n" for line in lines)
    rows, summary = members(await stream(registry, desk, body))
    asked = [ALLOWED if n in {1, 6} else INVALID if n == 3 else BLOCKED for n in range(7)]
    assert codes(rows) == asked
    assert rows[2] == {
        "type": "phone",
        "value": PHONE,
        "mine": 1,
        "decision": "block",
        "code": "DNC_INTERNAL",
    }
    assert rows[0]["identifier"] == PHONE
    assert summary["counts"] == {"asked": 7, "allow": 2, "block": 5, "invalid": 1}


async def test_a_stream_says_the_same_as_a_lookup(registry: Driver) -> None:
    desk = await someone_blocked(registry)
    items = [*numbers(300), "+46 70 174 06 05", "nobody"]
    found = await registry.look_up(desk, *items)
    rows, summary = members(await stream(registry, desk, "\n".join(map(json.dumps, items))))
    assert codes(rows) == [(one["decision"], one["code"]) for one in found["results"]]
    assert (summary["counts"], summary["as_of"]) == (found["counts"], found["as_of"])


async def test_a_csv_keeps_its_columns_and_gets_two_more(registry: Driver) -> None:
    desk = await someone_blocked(registry)
    text = '\ufeffid;telefon;"note"\r\n7;070-174 06 05;"a;""b""\r\nc"\r\n8;+46701740606;\r\n9;;\r\n'
    answer = await stream(registry, desk, text.encode(), "csv")
    assert answer.headers["content-type"].startswith("text/csv")
    *rows, last, end = answer.content.decode().split("\r\n")
    assert rows == [
        '\ufeffid;telefon;"note";decision;code',
        '7;070-174 06 05;"a;""b""',
        'c";block;DNC_INTERNAL',
        "8;+46701740606;;allow;NO_OBJECTION_FOUND",
        "9;;;block;INPUT_INVALID",
    ]
    assert (last[:7], end) == ("#sparr ", "")
    assert json.loads(last[7:])["summary"]["counts"]["invalid"] == 1


async def test_the_receipt_is_about_the_bytes_asked_and_answered_and_is_kept(registry: Driver) -> None:
    sender = await registry.controller()
    body = "phone\n" + "\n".join(numbers(50))
    answer = await stream(registry, sender, body, "csv")
    whole, mark, last = answer.content.partition(b"#sparr ")
    assert mark
    summary = json.loads(last)["summary"]
    payload = summary["receipt"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["request_sha256"] == hashlib.sha256(body.encode()).hexdigest()
    assert claims["answer_sha256"] == hashlib.sha256(whole).hexdigest()
    assert (claims["asked"], claims["as_of"]) == (50, summary["as_of"])
    checked = await registry.post("/v1/receipts/verify", {"receipt": summary["receipt"]})
    assert checked.json()["code"] == "VALID"
    kept = await registry.get(f"/v1/receipts/{summary['lookup_id']}", sender)
    assert summary["receipt"] in kept.text


async def test_a_list_of_many_chunks_is_answered_whole(registry: Driver) -> None:
    desk = await someone_blocked(registry)
    items = numbers(70_000)
    rows, summary = members(await stream(registry, desk, "\n".join(f'"{one}"' for one in items)))
    assert [one["identifier"] for one in rows] == items
    assert codes(rows) == [BLOCKED if one == PHONE else ALLOWED for one in items]
    assert summary["counts"]["asked"] == 70_000


@pytest.mark.parametrize(("media", "answer"), [("ndjson", b""), ("csv", b"phone,decision,code\n")])
async def test_an_empty_list_has_a_summary_all_the_same(registry: Driver, media: str, answer: bytes) -> None:
    sender = await registry.controller()
    told = await stream(registry, sender, b"phone\n" if media == "csv" else b"", media)
    head, last = told.content[: len(answer)], told.content[len(answer) :].removeprefix(b"#sparr ")
    summary = json.loads(last)["summary"]
    assert (head, summary["counts"]["asked"]) == (answer, 0)
    assert summary["as_of"]


async def test_the_only_controller_need_not_be_named_and_another_one_is_refused(registry: Driver) -> None:
    sender, other = await registry.controller(), await registry.controller()
    rows, _ = members(await stream(registry, sender, f'"{PHONE}"', controller_id=None))
    assert codes(rows) == [ALLOWED]
    for nobodys in (other.id, str(uuid4())):
        answer = await stream(registry, sender, f'"{PHONE}"', controller_id=nobodys)
        assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_CONTROLLER")
    processor = await registry.processor(sender, other)
    answer = await stream(registry, processor, f'"{PHONE}"', controller_id=None)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")


async def test_the_question_is_asked_as_in_a_lookup(registry: Driver) -> None:
    sender, source = await registry.controller(), await registry.source()
    await registry.block_at(source, {"type": "phone", "value": PHONE})
    named: Json = {"source_id": source.id}
    for fields, code in (
        (named, "SOURCE_BLOCKED"),
        ({"source_kind": "bought"}, "SOURCE_UNKNOWN"),
        ({"purpose": "service"}, "SERVICE"),
        ({"purpose": "service", "promo": "true"}, "NO_OBJECTION_FOUND"),
        ({"channel": "pigeon"}, "INPUT_INVALID"),
        ({"channel": "email"}, "INPUT_INVALID"),
    ):
        rows, _ = members(await stream(registry, sender, f'"{PHONE}"', **fields))
        assert [one["code"] for one in rows] == [code], fields


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"min_as_of": "999999.999999"}, 503, "NOT_FRESH"),
        ({"min_as_of": "soon"}, 422, "VALIDATION"),
        ({"phone": PHONE}, 422, "VALIDATION"),
        ({"dispatch_at": "tomorrow"}, 422, "VALIDATION"),
        ({"source_id": str(uuid4())}, 422, "UNKNOWN_REFERENCE"),
        ({"media": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"media": "csv"}, 422, "UNREADABLE_FILE"),
    ],
)
async def test_what_is_wrong_before_the_first_row_is_a_problem(
    registry: Driver, fields: Json, status: int, code: str
) -> None:
    sender = await registry.controller()
    answer = await stream(registry, sender, PHONE, **{"media": "ndjson", **fields})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert PHONE not in answer.text
    assert "phone" not in answer.text


async def test_who_may_not_look_up_may_not_stream(registry: Driver) -> None:
    sender = await registry.controller()
    for one in (await registry.agent(), await registry.staff("auditor"), await registry.admin()):
        who = Party(sender.id, one.role, one.credential, one.token)
        answer = await stream(registry, who, f'"{PHONE}"')
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")


async def broken_list() -> AsyncIterator[bytes]:
    yield b"id,phone\n" + b"7,+46701740606\n" * 10_000
    await asyncio.sleep(0.3)
    yield b'8,"' + b"x" * 200_000 + b'"\n9,+46701740607\n'


async def test_a_list_that_breaks_in_the_middle_ends_with_an_error_and_no_summary(registry: Driver) -> None:
    answer = await stream(registry, await registry.controller(), broken_list(), "csv")
    *rows, last = answer.text.splitlines()
    assert answer.status_code == 200
    assert len(rows) == 10_001
    assert json.loads(last.removeprefix("#sparr "))["error"]["code"] == "UNREADABLE_FILE"
    assert "summary" not in last


async def test_a_row_without_an_end_is_not_held_in_memory(registry: Driver) -> None:
    sender = await registry.controller()
    answer = await stream(registry, sender, b'"' + b"1" * 3_000_000)
    assert (answer.status_code, answer.json()["code"]) == (422, "UNREADABLE_FILE")


async def test_a_party_has_a_few_streams_at_a_time(registry: Driver) -> None:
    sender = await registry.controller()
    party = sender.id
    lookup_streams._open[UUID(party)] = lookup_streams.AT_ONCE
    answer = await stream(registry, sender, f'"{PHONE}"')
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    lookup_streams._open[UUID(party)] = 0
    assert (await stream(registry, sender, f'"{PHONE}"')).status_code == 200
    assert lookup_streams._open[UUID(party)] == 0
