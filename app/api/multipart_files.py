"""A file in a form (RFC 7578), taken out as it comes: nothing of it is spooled anywhere."""

from collections.abc import AsyncIterator
from email.message import Message
from typing import Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.api.problems import EdgeError

FORM: Final = "multipart/form-data"

_FILE: Final = "file"
_LONGEST_HEADER: Final = 8192


class FilePart:
    """The one part of a form, called `file`: its headers, and its bytes as they come."""

    def __init__(self, content_type: str) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if not boundary:
            raise EdgeError("BAD_REQUEST", "The form has no boundary.")
        self.headers = Message()
        self.begun = self.ended = False
        self._name, self._value, self._held = bytearray(), bytearray(), bytearray()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._take(self._name, data[start:end]),
                "on_header_value": lambda data, start, end: self._take(self._value, data[start:end]),
                "on_header_end": self._header,
                "on_headers_finished": self._opened,
                "on_part_data": lambda data, start, end: self._held.extend(data[start:end]),
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> bytes:
        """Some more of the form; what of it belongs to the file. Raises EdgeError BAD_REQUEST."""
        try:
            self._parser.write(chunk)
        except MultipartParseError:
            raise EdgeError("BAD_REQUEST", "The form cannot be read.") from None
        piece = bytes(self._held)
        self._held.clear()
        return piece

    @property
    def filename(self) -> str:
        """As the form has it, in lower case; "" for none."""
        return (self.headers.get_filename() or "").lower()

    def _begin(self) -> None:
        if self.begun:
            raise EdgeError("BAD_REQUEST", "A form has one part, file; the question stands in the query.")

    def _take(self, held: bytearray, piece: bytes) -> None:
        held.extend(piece)
        if len(held) > _LONGEST_HEADER:
            raise EdgeError("BAD_REQUEST", "A header of the form is too long.")

    def _header(self) -> None:
        self.headers[self._name.decode("latin-1")] = self._value.decode("latin-1")
        self._name.clear()
        self._value.clear()

    def _opened(self) -> None:
        self.begun = True
        if self.headers.get_param("name", header="content-disposition") != _FILE:
            raise EdgeError("BAD_REQUEST", "A form has one part, file; the question stands in the query.")

    def _end(self) -> None:
        self.ended = True


async def file_part(content_type: str, chunks: AsyncIterator[bytes]) -> tuple[FilePart, AsyncIterator[bytes]]:
    """The part, once its headers are known, and its bytes. Raises EdgeError BAD_REQUEST, also in the middle:
    a form that ends too soon is not a file that is shorter."""
    part, first = FilePart(content_type), b""
    async for chunk in chunks:
        first = part.feed(chunk)
        if part.begun:
            return part, _content(part, first, chunks)
    raise EdgeError("BAD_REQUEST", "The form has no part called file.")


async def _content(part: FilePart, first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in chunks:
        if piece := part.feed(chunk):
            yield piece
    if not part.ended:
        raise EdgeError("BAD_REQUEST", "The form is not whole.")
