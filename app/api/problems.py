"""Every problem that the service answers (RFC 9457): the one table that knows HTTP.

Codes are permanent. A problem document holds fixed text only, never the input and never the text of an
exception.
"""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid4

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.validation import FieldError, parameter_errors
from app.domain.refusals import REFUSAL_TEXTS, Refusal, RefusedError, UnavailableError

TYPE_BASE: Final = "https://sparr.example/problems/"
MEDIA_TYPE: Final = "application/problem+json"

REQUEST_ID: ContextVar[UUID | None] = ContextVar("request_id", default=None)
"""The id of the request being answered, set by `observing`; it becomes the `instance` of its problem."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of problem; `title` is the same for all of its occurrences."""

    code: str
    status: int
    title: str

    @property
    def type(self) -> str:
        return TYPE_BASE + self.code


_STATUS = {
    Refusal.MANDATE_NOT_FOUND: 404,
    Refusal.NOT_FOUND: 404,
    Refusal.INVALID_IDENTIFIER: 422,
    Refusal.INVALID_TIME: 422,
    Refusal.INVALID_KEY: 422,
    Refusal.EVIDENCE_KIND_UNSUPPORTED: 422,
    Refusal.UNKNOWN_REFERENCE: 422,
    Refusal.UNKNOWN_POSITION: 409,
    Refusal.BATCH_ABORTED: 409,
    Refusal.STATE_CONFLICT: 409,
    Refusal.NOVELTY_EXCEEDED: 429,
    Refusal.NOT_FRESH: 503,
    Refusal.FACTS_UNREADABLE: 503,
}
"""A refusal that is not listed is 403: understood, and not done."""

_EDGE = (
    Problem("BAD_REQUEST", 400, "The request cannot be understood."),
    Problem("UNAUTHENTICATED", 401, "A valid access token is needed."),
    Problem("METHOD_NOT_ALLOWED", 405, "This method is not offered here; nothing is ever deleted."),
    Problem("REQUEST_TIMEOUT", 408, "The request did not come in whole in time."),
    Problem("IDEMPOTENCY_IN_PROGRESS", 409, "The first request with this key is still running."),
    Problem("BODY_TOO_LARGE", 413, "The body is larger than this route accepts."),
    Problem("URI_TOO_LONG", 414, "The target of the request is longer than any that exists here."),
    Problem("UNSUPPORTED_MEDIA_TYPE", 415, "This content type or content encoding is not accepted here."),
    Problem("VALIDATION", 422, "The request does not fit the contract."),
    Problem("MALFORMED_JSON", 422, "The body is not JSON that can be read in one way only."),
    Problem("UNREADABLE_FILE", 422, "The file is not UTF-8, or has columns that are not known here."),
    Problem("BAD_CURSOR", 422, "The cursor is not one that this list gave out."),
    Problem("IDEMPOTENCY_KEY_REQUIRED", 422, "This act needs an Idempotency-Key."),
    Problem("IDEMPOTENCY_KEY_INVALID", 422, "An Idempotency-Key has 1 to 255 visible ASCII characters."),
    Problem("IDEMPOTENCY_MISMATCH", 422, "The same Idempotency-Key came with another request before."),
    Problem("TOO_MANY_REQUESTS", 429, "The quota is used up for now."),
    Problem(
        "HEADERS_TOO_LARGE", 431, "The head of the request is larger than 16 KiB, or has over 64 fields."
    ),
    Problem("INTERNAL", 500, "Something failed here. Nothing may be concluded from it."),
)

PROBLEMS: Final[Mapping[str, Problem]] = MappingProxyType(
    {code.value: Problem(code.value, _STATUS.get(code, 403), text) for code, text in REFUSAL_TEXTS.items()}
    | {problem.code: problem for problem in _EDGE}
)

_HEADERS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "UNAUTHENTICATED": {"WWW-Authenticate": "Bearer"},
        "NOT_FRESH": {"Retry-After": "1"},
        "FACTS_UNREADABLE": {"Retry-After": "1"},
        "TOO_MANY_REQUESTS": {"Retry-After": "1"},
        "NOVELTY_EXCEEDED": {"Retry-After": "600"},
        # What was not read of the body stays on the connection, so that it cannot be used again.
        "BODY_TOO_LARGE": {"Connection": "close"},
    }
)

_OF_STATUS = {
    401: "UNAUTHENTICATED",
    403: Refusal.ROLE_DENIED.value,
    404: Refusal.NOT_FOUND.value,
    405: "METHOD_NOT_ALLOWED",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "VALIDATION",
    429: "TOO_MANY_REQUESTS",
    503: Refusal.FACTS_UNREADABLE.value,
}
_FIRST_SERVER_ERROR = 500
_CLIENT_GONE = 499

_DETAILS = {
    "INTERNAL": "Nobody knows whether it was done. Repeat the request with the same Idempotency-Key.",
}
_UNAVAILABLE = "The facts cannot be read now. Repeat the request with the same Idempotency-Key."


class EdgeError(Exception):
    """A problem found before any use case began. `detail` and `errors` are fixed texts of ours."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        errors: list[FieldError] | None = None,
        errors_total: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.errors_total = errors_total
        self.headers = headers


def problem_body(
    code: str,
    *,
    detail: str | None = None,
    errors: list[FieldError] | None = None,
    errors_total: int | None = None,
    instance: str | None = None,
) -> dict[str, Any]:
    """The problem document; `errors`, at most twenty, and `errors_total` only if something was validated."""
    problem = PROBLEMS[code]
    body: dict[str, Any] = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": detail or _DETAILS.get(code, problem.title),
        "instance": instance or f"urn:uuid:{REQUEST_ID.get() or uuid4()}",
        "code": code,
    }
    if errors is not None:
        body |= {"errors": errors, "errors_total": len(errors) if errors_total is None else errors_total}
    return body


def problem_response(
    code: str,
    *,
    detail: str | None = None,
    errors: list[FieldError] | None = None,
    errors_total: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer with the status and the headers that belong to the code; `headers` are added to them."""
    body = problem_body(code, detail=detail, errors=errors, errors_total=errors_total)
    return Response(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        PROBLEMS[code].status,
        {**_HEADERS.get(code, {}), **(headers or {})},
        MEDIA_TYPE,
    )


async def answer_exception(_request: Request, raised: Exception) -> Response:
    """The answer to whatever was raised; what is not known is INTERNAL and says nothing about itself."""
    match raised:
        case RefusedError():
            return problem_response(raised.code.value, detail=raised.detail)
        case EdgeError():
            return problem_response(
                raised.code,
                detail=raised.detail,
                errors=raised.errors,
                errors_total=raised.errors_total,
                headers=raised.headers,
            )
        case UnavailableError():
            return problem_response(Refusal.FACTS_UNREADABLE.value, detail=_UNAVAILABLE)
        case RequestValidationError():
            errors = parameter_errors(raised.errors())
            return problem_response("VALIDATION", errors=errors.first, errors_total=errors.total)
        case HTTPException():
            unlisted = "INTERNAL" if raised.status_code >= _FIRST_SERVER_ERROR else "BAD_REQUEST"
            return problem_response(_OF_STATUS.get(raised.status_code, unlisted), headers=raised.headers)
    return problem_response("INTERNAL")


async def _answer_nobody(_request: Request, _raised: Exception) -> Response:
    """The client hung up in the middle of its body; the status tells the log that we did not fail."""
    return Response(status_code=_CLIENT_GONE)


def install(app: FastAPI) -> None:
    """Every error of the application leaves as a problem document."""
    known = (RefusedError, EdgeError, UnavailableError, RequestValidationError, HTTPException)
    for kind in (*known, Exception):
        app.add_exception_handler(kind, answer_exception)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)
