"""Whatever is sent, the answer is 4xx and the end of the connection: never 5xx, never a hang, no memory."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import httpx2
import psutil
import pytest

from tests.process.hostile_answers import (
    GROWTH,
    MOST_CONNECTIONS,
    PATIENCE,
    STATUS,
    Target,
    honest,
    hurried,
    told,
    told_all,
    wrong_with,
)
from tests.process.hostile_requests import AUTH, HOSTILE, Hostile, head
from tests.registry_driver import PHONE

pytestmark = pytest.mark.xdist_group("process")


@pytest.fixture(scope="module")
async def target(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Target]:
    async with hurried(tmp_path_factory.mktemp("hostile") / "data") as started:
        yield started


@pytest.fixture(scope="module")
async def answers(target: Target) -> dict[str, bytes | None]:
    await honest(target)
    before = target.memory()
    found = await told_all(target, HOSTILE)
    print(f"memory grew by {(target.memory() - before) / 1e6:.0f} MB")
    assert target.memory() - before < GROWTH
    return found


@pytest.mark.parametrize("hostile", HOSTILE, ids=[one.name for one in HOSTILE])
def test_what_is_hostile_is_refused_once_and_the_connection_ends(
    answers: dict[str, bytes | None], hostile: Hostile
) -> None:
    assert wrong_with(answers[hostile.name], hostile) is None


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"",
        b"HTTP/1.1 500 \r\napplication/problem+json",
        b"HTTP/1.1 400 \r\n\r\nplain",
        b"HTTP/1.1 400 \r\napplication/problem+json\r\nHTTP/1.1 200 \r\n",
        b"HTTP/1.1 400 \r\napplication/problem+json" + b" " * 8_000,
    ],
)
def test_another_answer_would_be_seen(answer: bytes | None) -> None:
    assert wrong_with(answer, Hostile("", []))
    assert wrong_with(answer, Hostile("", [], ())) or answer == b""


async def test_an_honest_sender_is_answered_after_all_that(
    answers: dict[str, bytes | None], target: Target
) -> None:
    assert len(answers) >= 40
    assert await target.registry.code(target.sender, PHONE) == ("allow", "NO_OBJECTION_FOUND")


async def test_what_was_asked_before_something_broken_is_answered_first(target: Target) -> None:
    """And what comes after it is not: nobody can say any more where it begins."""
    whole = head(target=b"/livez")
    answer = await told(target, Hostile("", [whole + b"BROKEN\r\n\r\n" + whole]))
    assert [int(one) for one in STATUS.findall(answer)] == [200]


async def test_an_upgrade_is_not_taken_and_nothing_after_it_is_read(target: Target) -> None:
    wanted = head(b"Connection: Upgrade", b"Upgrade: h2c")
    answer = await told(target, Hostile("", [wanted + head()]))
    assert [int(one) for one in STATUS.findall(answer)] == [200]


async def test_fields_after_a_body_do_not_join_those_before_it(target: Target) -> None:
    """All of it comes at once, so that the token is there before anybody looks for it."""
    fields = (b"Transfer-Encoding: chunked", b"Connection: close", b"Content-Type: application/json")
    sent = head(*fields, target=b"/v1/lookups", method=b"POST") + b"2\r\n{}\r\n0\r\n" + AUTH + b"\r\n\r\n"
    answer = await told(target, Hostile("", [sent]))
    assert b'"code":"UNAUTHENTICATED"' in answer


async def test_an_answer_that_nobody_takes_is_given_up(target: Target) -> None:
    """Asked for again and again and never read, so that it stays with the server."""
    before = target.memory()
    assert await asyncio.to_thread(given_up, target) < PATIENCE
    assert target.memory() - before < GROWTH


def given_up(target: Target) -> float:
    """After how many seconds the server has no connection with us any more."""
    server = psutil.Process(target.running.process.pid)
    with socket.create_connection(("127.0.0.1", target.running.port)) as asking:
        asking.sendall(head(target=b"/openapi.json") * 12)
        assert asking.recv(1)
        begun = time.monotonic()
        while any(one.raddr == asking.getsockname() for one in server.net_connections("tcp")):
            time.sleep(0.2)
            assert time.monotonic() - begun < PATIENCE
    return time.monotonic() - begun


async def test_too_many_idle_connections_drive_out_the_oldest_and_no_sender(target: Target) -> None:
    port, server = target.running.port, psutil.Process(target.running.process.pid)
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST_CONNECTIONS + 50)]
    async with httpx2.AsyncClient(base_url=target.running.url, timeout=PATIENCE) as client:
        assert (await client.get("/livez")).status_code == 200
        held = [one for one in server.net_connections("tcp") if one.status == psutil.CONN_ESTABLISHED]
    assert len(held) <= MOST_CONNECTIONS
    for _, writer in opened:
        writer.transport.abort()
