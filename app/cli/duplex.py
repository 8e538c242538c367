"""One HTTP exchange (RFC 9112) whose answer is read while the question is still being sent.

An ordinary client sends all of a body before it reads anything, and a server that streams would then wait for
it for ever.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

import h11

_BLOCK: Final = 256 * 1024
_PATIENCE: Final = 90.0
"""Seconds without a byte in either direction, after which the other side is thought gone."""


class BrokenOffError(Exception):
    """The connection failed, or ended before the answer did. The message is fixed text of ours."""


async def exchange(
    url: str, headers: Mapping[str, str], size: int, content: Iterable[bytes], take: Callable[[bytes], None]
) -> int:
    """POST `size` bytes of content and hand every piece of the answer to `take`, which must not keep them;
    the status of the answer. Raises BrokenOffError."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    try:
        reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure, limit=_BLOCK)
    except OSError:
        raise BrokenOffError("no registry answers there") from None
    http = h11.Connection(h11.CLIENT)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    named = {"Host": parts.netloc, "Content-Length": str(size), "Connection": "close", **headers}
    head = h11.Request(method="POST", target=target, headers=list(named.items()))
    sending = asyncio.create_task(_send(writer, http, head, content))
    try:
        return await _receive(reader, http, take)
    except (OSError, TimeoutError, h11.RemoteProtocolError):
        raise BrokenOffError("the connection broke off in the middle of the answer") from None
    finally:
        sending.cancel()
        writer.close()


async def _send(
    writer: asyncio.StreamWriter, http: h11.Connection, head: h11.Request, content: Iterable[bytes]
) -> None:
    """A connection that fails here fails for the reader, too, who tells of it."""
    try:
        writer.write(http.send(head) or b"")
        for piece in content:
            writer.write(http.send(h11.Data(data=piece)) or b"")
            await writer.drain()
        writer.write(http.send(h11.EndOfMessage()) or b"")
    except (OSError, h11.LocalProtocolError):
        writer.close()


async def _receive(reader: asyncio.StreamReader, http: h11.Connection, take: Callable[[bytes], None]) -> int:
    status = 0
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            async with asyncio.timeout(_PATIENCE):
                http.receive_data(await reader.read(_BLOCK))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            take(event.data)
        elif not isinstance(event, h11.InformationalResponse):
            return status
