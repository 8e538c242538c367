"""Streams on their way: answers before the end of the list, and what is left when something ends too soon."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from app.api import streamed_answers
from app.crypto.keys import KeyRing
from app.main import found_registry, open_database, passwords
from app.storage.embedded import EmbeddedPostgres
from app.storage.migrating import migrate
from app.usecases import wash_list
from tests.cli.serving import Served, listening_registry
from tests.cloned_registry import registry_at
from tests.registry_driver import ISSUER, PHONE, Driver, Party, first_admin

LINE = f'"{PHONE}"\n'
QUESTION = {"channel": "sms", "purpose": "marketing"}


@pytest.fixture
async def server(tmp_path: Path, ring: KeyRing) -> AsyncIterator[tuple[EmbeddedPostgres, str]]:
    server = EmbeddedPostgres(tmp_path / "own")
    url = server.start().url()
    await migrate(url, passwords(ring))
    database = open_database(url, ring, ISSUER)
    await found_registry(database)
    await database.dispose()
    yield server, url
    server.stop("immediate")


async def stream(registry: Driver, sender: Party, content: AsyncIterator[bytes], **fields: str) -> list[str]:
    headers = {**sender.headers, "Content-Type": "application/x-ndjson"}
    answer = await registry.client.post(
        "/v1/lookups/stream", content=content, headers=headers, params={**QUESTION, **fields}
    )
    assert answer.status_code == 200, answer.text
    return answer.text.splitlines()


async def lines(count: int) -> AsyncIterator[bytes]:
    yield LINE.encode() * count


async def test_a_database_that_is_killed_in_the_middle_ends_the_answer_with_an_error(
    server: tuple[EmbeddedPostgres, str], ring: KeyRing
) -> None:
    async def killing() -> AsyncIterator[bytes]:
        yield LINE.encode() * 1000
        await asyncio.sleep(0.5)
        await asyncio.to_thread(server[0].stop, "immediate")
        yield LINE.encode() * 1000

    async with registry_at(server[1], ring) as registry:
        sender = await registry.controller()
        *rows, last = await stream(registry, sender, killing())
        assert [json.loads(row)["decision"] for row in rows] == ["allow"] * 1000
        assert json.loads(last)["error"]["code"] == "FACTS_UNREADABLE"
        *rows, last = await stream(registry, sender, lines(10), purpose="emergency")
        assert [json.loads(row)["code"] for row in rows] == ["DEGRADED_ALLOW"] * 10
        assert json.loads(last)["summary"]["as_of"] is None


async def test_a_credential_that_is_revoked_in_the_middle_gets_no_more_answers(
    registry: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = await registry.controller()
    monkeypatch.setattr(wash_list, "_SEEN_ANEW", timedelta(0))

    async def revoking() -> AsyncIterator[bytes]:
        yield LINE.encode() * 10
        await asyncio.sleep(0.5)
        path = f"/v1/credentials/{sender.credential['client_id']}/revoke"
        assert (await registry.post(path, {}, await registry.admin())).status_code < 300
        yield LINE.encode() * 10

    *rows, last = await stream(registry, sender, revoking())
    assert (len(rows), json.loads(last)["error"]["code"]) == (10, "UNAUTHENTICATED")


@pytest.fixture
async def talking(
    database_url: str, ring: KeyRing
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which the head of a stream was sent, and nothing of its list."""
    with listening_registry(database_url, ring) as served:
        sender = await sender_of(served, ring, database_url)
        reader, writer = await asyncio.open_connection(urlsplit(served.url).hostname, served.port)
        query = "channel=sms&purpose=marketing"
        head = [f"POST /v1/lookups/stream?{query} HTTP/1.1", f"Host: 127.0.0.1:{served.port}"]
        head += ["Content-Type: application/x-ndjson", "Transfer-Encoding: chunked"]
        head += [f"Authorization: Bearer {sender.token}", "", ""]
        writer.write("\r\n".join(head).encode())
        yield reader, writer
        writer.close()


async def sender_of(served: Served, ring: KeyRing, url: str) -> Party:
    database = open_database(url, ring, served.url, pool=1)
    async with httpx2.AsyncClient(base_url=served.url, trust_env=False) as client:
        sender = await Driver(client, await first_admin(database, ring)).controller()
    await database.dispose()
    return sender


def chunk(content: str) -> bytes:
    return f"{len(content):x}\r\n{content}\r\n".encode()


async def test_rows_are_answered_while_the_list_still_comes_in(
    talking: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = talking
    for _ in range(3):
        writer.write(chunk(LINE * 2))
        async with asyncio.timeout(5):
            for _ in range(2):
                assert b"NO_OBJECTION_FOUND" in await reader.readuntil(b'NO_OBJECTION_FOUND"}\n')
    writer.write(chunk(""))
    async with asyncio.timeout(5):
        rest = await reader.readuntil(b"\r\n0\r\n\r\n")
    assert b'{"summary":' in rest


async def test_a_sender_that_does_not_read_its_answer_is_not_read_for_long(
    talking: tuple[asyncio.StreamReader, asyncio.StreamWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamed_answers, "_PATIENCE", 0.5)
    _, writer = talking

    async def send_on() -> None:
        while True:
            writer.write(chunk(LINE * 50_000))
            await writer.drain()

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(send_on(), 30)


async def test_a_sender_that_hangs_up_leaves_the_registry_as_it_was(
    talking: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = talking
    host, port = writer.get_extra_info("peername")
    writer.write(chunk(LINE * 50_000))
    await reader.readuntil(b"decision")
    writer.transport.abort()
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET /readyz HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
    assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 200 ")
    writer.close()
