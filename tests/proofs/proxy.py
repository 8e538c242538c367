"""A TCP proxy of our own: connections that are reset, that nobody answers any more, or that trickle."""

import asyncio
import contextlib
import socket
import struct
from enum import Enum
from typing import Any

_CHUNK = 1 << 16
_RESET = struct.pack("ii", 1, 0)


class Mode(Enum):
    """What becomes of bytes."""

    PASS = "pass"
    RESET = "reset"
    """New and old connections are reset."""
    STALL = "stall"
    """Half-open: they stay, and nothing moves."""
    TRICKLE = "trickle"
    """A few bytes at a time."""
    CUT = "cut"
    """Requests arrive; every answer is cut by a reset after its first bytes."""


class Proxy:
    """Listens on a port of its own and passes on to `target`, a port of this machine."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.mode = Mode.PASS
        self.delay = 0.0
        """Seconds that each piece waits on its way, in either direction."""
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self, port: int = 0) -> "Proxy":
        """Begin to listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        """Listen no more, and reset what is open."""
        if self._server is not None:
            self._server.close()
        self.reset()
        for task in list(self._tasks):
            task.cancel()

    def reset(self) -> None:
        """Reset every connection that is open."""
        for writer in list(self._open):
            _abort(writer)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        onward: asyncio.StreamWriter | None = None
        try:
            if self.mode is Mode.RESET:
                return
            answers, onward = await asyncio.open_connection("127.0.0.1", self.target)
            self._open.add(onward)
            # Either side's end ends both: who half-closes here has no more to say.
            ways = [
                asyncio.create_task(self._carry(reader, onward, back=False)),
                asyncio.create_task(self._carry(answers, writer, back=True)),
            ]
            _, rest = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in rest:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            # A cancelled one belongs to a proxy that ends.
            pass
        finally:
            for each in filter(None, (writer, onward)):
                self._open.discard(each)
                if self.mode in {Mode.RESET, Mode.CUT}:
                    _abort(each)
                else:
                    each.close()
            self._tasks.discard(task)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, back: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(_CHUNK):
                while self.mode is Mode.STALL:  # noqa: ASYNC110 - whoever sets the mode knows of no event
                    await asyncio.sleep(0.02)
                if self.delay:
                    await asyncio.sleep(self.delay)
                if self.mode is Mode.CUT and back:
                    sink.write(piece[:20])
                    await asyncio.sleep(0.005)
                    return
                if self.mode is Mode.TRICKLE:
                    await self._trickle(piece, sink)
                else:
                    sink.write(piece)
                await sink.drain()

    async def _trickle(self, piece: bytes, sink: asyncio.StreamWriter) -> None:
        step = max(len(piece) // 50, 1)
        for first in range(0, len(piece), step):
            sink.write(piece[first : first + step])
            await asyncio.sleep(0.01 if self.mode is Mode.TRICKLE else 0)


def _abort(writer: asyncio.StreamWriter) -> None:
    """Close with a reset in place of an end."""
    inner = writer.get_extra_info("socket")
    if inner is not None and inner.fileno() >= 0:
        inner.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
