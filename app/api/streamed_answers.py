"""Answers that begin while their question still comes in, and never grow with it.

What is read waits for what is written: a client that does not read its answer is soon not read either.
Whoever sends all before reading anything gets by with a short list only; docs/api.md says so.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Final

from fastapi import Response
from starlette.types import Receive, Scope, Send

from app.usecases.wash_list import whole_lines

AHEAD: Final = 16
"""How many pieces of an answer may wait to be written."""

ABORT: Final = "sparr.abort"
"""The ASGI extension that ends a connection without waiting for anybody."""

_PATIENCE: Final = 30.0
"""Seconds in which a client must take a piece of its answer."""

_FLUSH: Final = 0.2
"""Seconds after which whole lines are answered though few have come: somebody may be waiting for them."""


class StreamedAnswer(Response):
    """Pieces of an answer as they are made. If making them fails, the connection is closed without an end."""

    def __init__(self, pieces: AsyncIterator[bytes], media: str) -> None:
        super().__init__(media_type=media, headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self._pieces = pieces

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        waiting: asyncio.Queue[bytes | None] = asyncio.Queue(AHEAD)
        making = asyncio.create_task(self._make(waiting))
        try:
            while (piece := await waiting.get()) is not None:
                async with asyncio.timeout(_PATIENCE):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await making
        except TimeoutError:
            if abort := scope.get("extensions", {}).get(ABORT):
                abort()
            raise
        finally:
            making.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _make(self, waiting: "asyncio.Queue[bytes | None]") -> None:
        try:
            async for piece in self._pieces:
                await waiting.put(piece)
        except Exception:
            await waiting.put(None)
            raise
        await waiting.put(None)


async def line_blocks(
    content: AsyncIterator[bytes], wanted: Callable[[], int], seen: Callable[[bytes], None]
) -> AsyncGenerator[tuple[bytes, bool]]:
    """Blocks of whole lines of about `wanted()` bytes, and whether it is the last; sooner when nothing more
    comes for a moment. Raises UnreadableListError for a line without an end."""
    held = bytearray()
    coming = asyncio.ensure_future(anext(content, None))
    try:
        while True:
            whole = whole_lines(held)
            done, _ = await asyncio.wait({coming}, timeout=_FLUSH if whole else None)
            if done:
                chunk = coming.result()
                if chunk is None:
                    yield bytes(held), True
                    return
                seen(chunk)
                held += chunk
                coming = asyncio.ensure_future(anext(content, None))
                whole = whole_lines(held)
            if whole and (not done or len(held) >= wanted()):
                yield bytes(held[:whole]), False
                del held[:whole]
    finally:
        coming.cancel()
