"""Whatever is sent, the answer is 4xx and the end of the connection: never 5xx, never a hang, no memory."""

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass

import httpx2
import psutil
import pytest

from tests.api.fiction import numbers
from tests.api.test_lookup_batches import MOST
from tests.process.hostile_requests import AGENT, ASK, AUTH, HOSTILE, Hostile, asked, head
from tests.process.running import Running
from tests.registry_driver import PHONE, Driver, Party

pytestmark = pytest.mark.xdist_group("process")

PATIENCE = 20.0
LARGE = 500_000
GROWTH = 100 * 1024 * 1024
STATUS = re.compile(rb"^HTTP/1\.1 (\d{3}) ", re.MULTILINE)
MOST_CONNECTIONS = 200
HURRIED = {
    "SPARR_HEAD_SECONDS": "1",
    "SPARR_BODY_SECONDS": "2",
    "SPARR_CONNECTIONS": str(MOST_CONNECTIONS),
}


@dataclass
class Target:
    running: Running
    registry: Driver
    sender: Party
    agent: Party

    def filled(self, piece: bytes) -> bytes:
        """With the tokens, and the length of a lookup as it is with its controller."""
        before, around, rest = piece.partition(ASK[:-1] + b"|")
        if around:
            body = asked(rest[:-1], self.sender.id)
            piece = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), before) + body
        for mark, party in ((AUTH, self.sender), (AGENT, self.agent)):
            piece = piece.replace(mark, b"Authorization: Bearer " + party.token.encode())
        return piece

    def memory(self) -> int:
        return int(psutil.Process(self.running.process.pid).memory_info().rss)


@pytest.fixture(scope="module")
async def target(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Target]:
    running = Running(tmp_path_factory.mktemp("hostile") / "data", settings=HURRIED)
    async with running.client() as client:
        registry = running.driver(client)
        yield Target(running, registry, await registry.controller(), await registry.agent())
    running.kill()


async def told(target: Target, hostile: Hostile) -> bytes:
    """All that is answered until the connection ends. TimeoutError when it does not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", target.running.port)
    sending = asyncio.create_task(send(target, hostile, writer))
    answer = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionError):
                while piece := await reader.read(65_536):
                    answer += piece
    finally:
        sending.cancel()
        writer.transport.abort()
    return bytes(answer)


async def send(target: Target, hostile: Hostile, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        for piece in hostile.pieces:
            writer.write(target.filled(piece))
            await writer.drain()
            await asyncio.sleep(hostile.pause)
        while hostile.endless:
            writer.write(hostile.endless)
            await writer.drain()
            await asyncio.sleep(hostile.pause)


async def honest(target: Target) -> None:
    """As large as may be asked, so that what grows is not what an honest sender takes."""
    for _ in range(2):
        await target.registry.look_up(target.sender, *numbers(MOST))
        await target.registry.post("/v1/objections/batch", {"items": [{}] * 10_000}, target.agent)


@pytest.fixture(scope="module")
async def answers(target: Target) -> dict[str, bytes | None]:
    """All of it at the same time, large bodies one after another; None where the connection did not end."""
    await honest(target)
    before, large = target.memory(), asyncio.Semaphore(1)

    async def one(hostile: Hostile) -> bytes | None:
        alone = large if sum(map(len, hostile.pieces)) > LARGE else nullcontext()
        try:
            async with alone:
                return await told(target, hostile)
        except TimeoutError:
            return None

    found = await asyncio.gather(*map(one, HOSTILE))
    print(f"memory grew by {(target.memory() - before) / 1e6:.0f} MB")
    assert target.memory() - before < GROWTH
    return dict(zip([one.name for one in HOSTILE], found, strict=True))


@pytest.mark.parametrize("hostile", HOSTILE, ids=[one.name for one in HOSTILE])
def test_what_is_hostile_is_refused_once_and_the_connection_ends(
    answers: dict[str, bytes | None], hostile: Hostile
) -> None:
    answer = answers[hostile.name]
    assert answer is not None, "the connection did not end"
    statuses = [int(status) for status in STATUS.findall(answer)]
    if not hostile.statuses:
        assert statuses == []
        return
    assert len(statuses) == 1, answer[:300]
    assert statuses[0] in hostile.statuses, answer[:300]
    assert len(answer) < 8_000 or statuses == [200]
    if statuses[0] >= 400:
        assert b"application/problem+json" in answer
    if hostile.expected:
        assert b'"code":"%s"' % hostile.expected.encode() in answer


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
