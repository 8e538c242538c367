"""A client that costs next to nothing: HTTP/1.1 over kept connections, requests made beforehand."""

import asyncio
import json
from typing import Any

OK = 200
UNAVAILABLE = 503
"""The answer of a registry that cannot say for certain in time."""
_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


def post(path: str, body: bytes, token: str = "", media: str = "application/json", key: str = "") -> bytes:
    """The bytes of a request."""
    head = [f"POST {path} HTTP/1.1", "Host: bench", f"Content-Type: {media}", f"Content-Length: {len(body)}"]
    if token:
        head.append(f"Authorization: Bearer {token}")
    if key:
        head.append(f"Idempotency-Key: {key}")
    return "\r\n".join(head).encode() + _END + body


def get(path: str, token: str = "") -> bytes:
    """The same for a GET."""
    secret = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{secret}\r\n".encode()


class Connection(asyncio.Protocol):
    """One kept connection: one request at a time. A server hangs up on who was idle for some seconds; the
    same request then goes out once more, which is harmless for all that are sent here."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._received = bytearray()
        self._whole = 0
        self._start = 0
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: Any = None

    @staticmethod
    async def open(port: int) -> "Connection":
        """A connection to this machine."""
        made = Connection(port)
        await made.reach()
        return made

    async def reach(self) -> None:
        """Connect, or connect again."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of an answer."""
        try:
            return await self._ask(request)
        except ConnectionError:
            return await self._ask(request)

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._transport is None:
            await self.reach()
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    async def told(self, request: bytes) -> Any:
        """The JSON of an answer that is as it should be."""
        status, body = await self.ask(request)
        if not OK <= status < OK + 100:
            raise RuntimeError(f"answered {status}: {body[:300]!r}")
        return json.loads(body)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._transport = None
        self._received.clear()
        self._whole = 0
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError(f"the server hung up {exc or ''}"))

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._received += data
        if not self._whole:
            self._start = self._received.find(_END) + len(_END)
            if self._start < len(_END):
                return
            head = bytes(self._received[: self._start]).lower()
            length = head.find(_LENGTH)
            if length < 0:
                self._fail("an answer without a length")
                return
            size = int(head[length + len(_LENGTH) : head.index(b"\r\n", length)])
            self._whole = self._start + size
        if len(self._received) >= self._whole:
            self._answer()

    def _answer(self) -> None:
        status, body = int(self._received[9:12]), bytes(self._received[self._start : self._whole])
        self._received.clear()
        self._whole = 0
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((status, body))

    def _fail(self, text: str) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(RuntimeError(text))
