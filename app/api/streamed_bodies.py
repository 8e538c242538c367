"""Bodies without a limit: read as they come, in constant memory, after the caller is known."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from fastapi import Request, params

from app.api.bodies import media_of, refuse_encoding
from app.api.multipart_files import FORM, file_part
from app.api.problems import EdgeError

UNHURRIED: Final = "sparr.unhurried"
"""The ASGI extension that takes the time of a body off: who sends it is known, and it may be long."""

_PAUSE: Final = 30.0
"""Seconds without a byte, after which a sender is thought gone."""

_OF_SUFFIX: Final = {
    "csv": "text/csv",
    "txt": "text/csv",
    "ndjson": "application/x-ndjson",
    "jsonl": "application/x-ndjson",
}
_PIECE: Final = 1024 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS
_FREE: Final = 64 * _PIECE
_RATIO: Final = 100
"""How many times its size a packed body may have when it is unpacked, beyond the first 64 MiB: a list of
numbers has four to ten times, what was made to burst has a thousand."""


@dataclass(frozen=True, slots=True, repr=False)
class StreamedBody:
    """A body on its way: its media type, and its bytes once."""

    media: str
    content: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class StreamReader:
    """The dependency behind `streamed_body`; the document of the API reads its fields."""

    media: tuple[str, ...]
    packed: bool = False
    model: None = None

    async def __call__(self, request: Request) -> StreamedBody:
        """Raises EdgeError UNSUPPORTED_MEDIA_TYPE."""
        if let_be := request.scope.get("extensions", {}).get(UNHURRIED):
            let_be()
        media = media_of(request, self.media)
        if media == FORM:
            return await _formed(request, self.media)
        if self.packed and request.headers.getlist("content-encoding") == ["gzip"]:
            return StreamedBody(media, unpacked(_chunks(request)))
        refuse_encoding(request)
        return StreamedBody(media, _chunks(request))


def streamed_body(*, media: tuple[str, ...], packed: bool = False) -> params.Depends:
    """For a body that may be larger than memory; `packed` when gzip is accepted.

    Used as `body: Annotated[StreamedBody, streamed_body(…)]`, after the caller.
    """
    return params.Depends(StreamReader(media, packed), scope="function")


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


async def _formed(request: Request, media: tuple[str, ...]) -> StreamedBody:
    """The file in a form. Its type is what the part says or what its name ends with; `….gz` is packed."""
    refuse_encoding(request)
    part, content = await file_part(request.headers["content-type"], _chunks(request))
    name = part.filename.removesuffix(".gz")
    said = _OF_SUFFIX.get(name.rpartition(".")[2], part.headers.get_content_type())
    if said not in media or said == FORM:
        raise EdgeError("UNSUPPORTED_MEDIA_TYPE", "The file of the form is no list.")
    return StreamedBody(said, unpacked(content) if part.filename.endswith(".gz") else content)


async def unpacked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What was packed with gzip (RFC 1952), a piece at a time. Raises EdgeError BODY_TOO_LARGE for one that
    bursts, BAD_REQUEST for one that is not whole."""
    packer, packed, size = zlib.decompressobj(_GZIP), 0, 0
    try:
        async for chunk in chunks:
            packed, rest = packed + len(chunk), chunk
            while rest:
                if packer.eof:
                    packer = zlib.decompressobj(_GZIP)
                piece = packer.decompress(rest, _PIECE)
                rest = packer.unconsumed_tail or packer.unused_data
                size += len(piece)
                if size > _FREE + _RATIO * packed:
                    raise EdgeError("BODY_TOO_LARGE", "The body is too large when it is unpacked.")
                yield piece
    except zlib.error:
        raise EdgeError("BAD_REQUEST", "The body is not gzip.") from None
    if packed and not packer.eof:
        raise EdgeError("BAD_REQUEST", "The gzip body is not whole.")
