"""A server that stops leaves no request unanswered that was on its way."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from socket import create_connection, create_server, socket

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from app.cli.protocol import LAST_REQUEST_SECONDS, OrderlyProtocol

ASK = b"GET / HTTP/1.1\r\nHost: registry.test\r\n\r\n"
TAKES = 0.5


async def slow(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers in two pieces, with half a second before each."""
    if scope["type"] != "http":
        return
    await asyncio.sleep(TAKES)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"al", "more_body": True})
    await asyncio.sleep(TAKES)
    await send({"type": "http.response.body", "body": b"l."})


class Stopping:
    def __init__(self) -> None:
        self.listening = create_server(("127.0.0.1", 0))
        config = uvicorn.Config(slow, log_config=None, http=OrderlyProtocol, timeout_graceful_shutdown=10)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]})
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def connect(self) -> socket:
        return create_connection(self.listening.getsockname(), timeout=10)

    def stop(self) -> None:
        """Told to stop, and long enough ago that it has begun to."""
        self.server.should_exit = True
        time.sleep(0.4)


@pytest.fixture
def running() -> Iterator[Stopping]:
    started = Stopping()
    yield started
    started.server.should_exit = True
    started.thread.join()


def answer(connection: socket) -> bytes:
    """One whole answer."""
    told = b""
    while not told.endswith(b"\r\n\r\nall."):
        piece = connection.recv(4096)
        assert piece, told
        told += piece
    return told


def ended(connection: socket) -> bool:
    with suppress(ConnectionResetError):
        return connection.recv(1) == b""
    return True


def test_a_connection_without_a_request_is_answered_once_more_and_told_to_go(running: Stopping) -> None:
    used, new = running.connect(), running.connect()
    used.sendall(ASK)
    assert b"connection: close" not in answer(used).lower()
    running.stop()
    for connection in (used, new):
        connection.sendall(ASK)
    for connection in (used, new):
        assert b"connection: close" in answer(connection).lower()
        assert ended(connection)


def test_an_answer_that_has_begun_is_whole_and_the_next_one_is_the_last(running: Stopping) -> None:
    begun, waiting = running.connect(), running.connect()
    begun.sendall(ASK)
    time.sleep(TAKES + 0.2)
    waiting.sendall(ASK)
    running.server.should_exit = True
    assert b"connection: close" not in answer(begun).lower()
    begun.sendall(ASK)
    assert b"connection: close" in answer(waiting).lower()
    assert b"connection: close" in answer(begun).lower()
    assert ended(begun)
    assert ended(waiting)


def test_a_connection_that_nobody_uses_keeps_the_server_for_a_moment_only(running: Stopping) -> None:
    idle, half = running.connect(), running.connect()
    half.sendall(ASK[:20])
    idle.sendall(ASK)
    answer(idle)
    begun = time.monotonic()
    running.server.should_exit = True
    assert ended(idle)
    half.sendall(ASK[20:])
    answer(half)
    running.thread.join()
    assert time.monotonic() - begun < LAST_REQUEST_SECONDS + 2 * TAKES + 3
