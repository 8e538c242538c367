"""Bodies without a limit: read as they come, in constant memory, after the caller is known."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from fastapi import Request, params

from app.api.bodies import media_of, refuse_encoding
from app.api.problems import EdgeError

_PAUSE: Final = 30.0
"""Seconds without a byte, after which a sender is thought gone."""


@dataclass(frozen=True, slots=True, repr=False)
class StreamedBody:
    """A body on its way: its media type, and its bytes once."""

    media: str
    content: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class StreamReader:
    """The dependency behind `streamed_body`; the document of the API reads its fields."""

    media: tuple[str, ...]
    model: None = None

    async def __call__(self, request: Request) -> StreamedBody:
        """Raises EdgeError UNSUPPORTED_MEDIA_TYPE."""
        refuse_encoding(request)
        return StreamedBody(media_of(request, self.media), _chunks(request))


def streamed_body(*, media: tuple[str, ...]) -> params.Depends:
    """For a body that may be larger than memory.

    Used as `body: Annotated[StreamedBody, streamed_body(…)]`, after the caller.
    """
    return params.Depends(StreamReader(media), scope="function")


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    chunks = request.stream()
    while True:
        try:
            async with asyncio.timeout(_PAUSE):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise EdgeError("BAD_REQUEST", "The body stopped coming.") from None
        if chunk is None:
            return
        yield chunk
