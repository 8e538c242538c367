"""The body of a request: its size, its type and its JSON are looked at before anything believes it.

FastAPI would read a declared body before the caller is known, without a limit and leniently. These are plain
dependencies instead, and stand behind the caller in every route.
"""

import re
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import Request, params
from pydantic import BaseModel, ValidationError

from app.api.listed_texts import part_list
from app.api.problems import EdgeError
from app.api.schemas.base import BODY_BYTES
from app.api.strict_json import MalformedJson, check, mended
from app.api.validation import body_errors
from app.usecases.aside import alike, aside

JSON = ("application/json",)

_SMALL = 2_000
"""A list in fewer bytes is not worth the trouble."""

_ITEM = 16
"""About what one identifier takes in a body."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, repr=False)
class RawBody:
    """A body as it was sent, and its media type in lower case without parameters."""

    media: str
    content: bytes


@dataclass(frozen=True, slots=True)
class BodyReader(Generic[M]):
    """The dependency behind `body_of`; the document of the API reads its fields."""

    model: type[M]
    max_bytes: int
    media: tuple[str, ...]
    item_by_item: bool = False
    listed: str | None = None

    async def __call__(self, request: Request) -> M:
        """Raises EdgeError: BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON, VALIDATION."""
        body = await _read(request, self.max_bytes, self.media)
        content = mended(body.content) if self.item_by_item else body.content
        if self.listed is None:
            return parse(self.model, content)
        items = len(content) // _ITEM
        plain = await aside(alike(items), parse_plainly, self.model, content, self.listed)
        return await aside(items, parse, self.model, content) if plain is None else plain


@dataclass(frozen=True, slots=True)
class RawBodyReader:
    """The dependency behind `raw_body`; `model` is what the JSON form of the body is documented as."""

    model: type[BaseModel] | None
    max_bytes: int
    media: tuple[str, ...]

    async def __call__(self, request: Request) -> RawBody:
        """Raises EdgeError: BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE."""
        return await _read(request, self.max_bytes, self.media)


def body_of(
    model: type[M],
    *,
    max_bytes: int = BODY_BYTES,
    media: tuple[str, ...] = JSON,
    item_by_item: bool = False,
    listed: str | None = None,
) -> params.Depends:
    """For a body that fits a schema. With `item_by_item` a broken character fails only what holds it;
    `listed` names its one long list, whose items the schema leaves alone.

    Used as `body: Annotated[ObjectionRequest, body_of(ObjectionRequest)]`, after the caller.
    """
    return params.Depends(BodyReader(model, max_bytes, media, item_by_item, listed), scope="function")


def raw_body(
    *, max_bytes: int = BODY_BYTES, media: tuple[str, ...], model: type[BaseModel] | None = None
) -> params.Depends:
    """For a body that the route reads for itself, such as NDJSON.

    Used as `body: Annotated[RawBody, raw_body(…)]`, after the caller.
    """
    return params.Depends(RawBodyReader(model, max_bytes, media), scope="function")


def parse(model: type[M], raw: bytes) -> M:
    """Strict JSON that fits the schema, whole or one line of NDJSON. Raises EdgeError."""
    try:
        check(raw)
        return model.model_validate_json(raw, strict=True)
    except MalformedJson as malformed:
        raise EdgeError("MALFORMED_JSON", str(malformed)) from None
    except ValidationError as invalid:
        errors = body_errors(invalid, model, raw)
        raise EdgeError("VALIDATION", errors=errors.first, errors_total=errors.total) from None


def parse_plainly(model: type[M], raw: bytes, listed: str) -> M | None:
    """The same as `parse` where a long list is plain enough: its items are no objects then, but columns. None
    where it is not, and where anything is amiss."""
    parted = part_list(raw, listed) if len(raw) > _SMALL else None
    if parted is None:
        return None
    rest, items = parted
    try:
        check(rest)
        body = model.model_validate_json(rest, strict=True)
    except (MalformedJson, ValidationError):
        return None
    return body.model_copy(update={listed: items}) if getattr(body, listed) == [] else None


async def _read(request: Request, max_bytes: int, media: tuple[str, ...]) -> RawBody:
    """The bytes are kept in the request's state, where the act runner digests them."""
    refuse_encoding(request)
    found = media_of(request, media)
    if _declared_length(request) > max_bytes:
        raise EdgeError("BODY_TOO_LARGE")
    content = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            content += chunk
            if len(content) > max_bytes:
                raise EdgeError("BODY_TOO_LARGE")
    request.state.raw_body = bytes(content)
    return RawBody(found, request.state.raw_body)


def _declared_length(request: Request) -> int:
    """What Content-Length promises; 0 when it says nothing, and the bytes are counted all the same."""
    length = re.fullmatch("[0-9]{1,18}", request.headers.get("content-length", ""))
    return int(length[0]) if length else 0


def refuse_encoding(request: Request) -> None:
    """A compressed body can be a thousand times its size (RFC 9110 section 15.5.16 names the header)."""
    if request.headers.getlist("content-encoding"):
        raise EdgeError("UNSUPPORTED_MEDIA_TYPE", headers={"Accept-Encoding": "identity"})


def media_of(request: Request, media: tuple[str, ...]) -> str:
    """The type without its parameters; a charset other than UTF-8 is another type (RFC 8259 section 8.1)."""
    sent = request.headers.getlist("content-type")
    found, _, parameters = (sent[0] if len(sent) == 1 else "").lower().partition(";")
    charset = parameters.replace('"', "").replace(" ", "").partition("charset=")[2].partition(";")[0]
    if found.strip() not in media or charset not in ("", "utf-8", "utf8"):
        raise EdgeError("UNSUPPORTED_MEDIA_TYPE", headers={"Accept": ", ".join(media)})
    return found.strip()
