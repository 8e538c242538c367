"""What a real server answers to hostile clients, and what is wrong with that."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.api.fiction import numbers
from tests.api.test_lookup_batches import MOST
from tests.process.hostile_requests import AGENT, ASK, AUTH, Hostile, asked
from tests.process.running import Running
from tests.registry_driver import Driver, Party

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


@asynccontextmanager
async def hurried(data_dir: Path) -> AsyncIterator[Target]:
    """A registry that is soon out of patience, and a sender and an agent that it knows."""
    running = Running(data_dir, settings=HURRIED)
    try:
        async with running.client() as client:
            registry = running.driver(client)
            yield Target(running, registry, await registry.controller(), await registry.agent())
    finally:
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


async def told_all(target: Target, hostile: Sequence[Hostile]) -> dict[str, bytes | None]:
    """All of it at the same time, large bodies one after another; None where the connection did not end."""
    large = asyncio.Semaphore(1)

    async def one(each: Hostile) -> bytes | None:
        alone = large if sum(map(len, each.pieces)) > LARGE else nullcontext()
        try:
            async with alone:
                return await told(target, each)
        except TimeoutError:
            return None

    found = await asyncio.gather(*map(one, hostile))
    return dict(zip([each.name for each in hostile], found, strict=True))


def wrong_with(answer: bytes | None, hostile: Hostile) -> str | None:
    """Refused once, as a problem, and the connection ended; None if so."""
    if answer is None:
        return "the connection did not end"
    statuses = [int(status) for status in STATUS.findall(answer)]
    if not hostile.statuses:
        return f"answered {statuses}" if statuses else None
    if len(statuses) != 1 or statuses[0] not in hostile.statuses:
        return f"answered {statuses}: {answer[:300]!r}"
    long, told_why = len(answer) >= 8_000, b"application/problem+json" in answer
    if statuses != [200] and (long or not told_why):
        return f"a refusal of {len(answer)} bytes, a problem: {told_why}"
    if hostile.expected and b'"code":"%s"' % hostile.expected.encode() not in answer:
        return f"another code than {hostile.expected}: {answer[:300]!r}"
    return None
