"""The API describes itself: OpenAPI 3.1, its problems, and a page to read, made from the routes as they are.

Bodies are read by our own dependencies, which FastAPI does not look into, so they are written in here; so are
the roles, the problems (RFC 9457) and the examples that the tests send.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Response
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic.json_schema import models_json_schema

from app.api import docs_page
from app.api.bodies import BodyReader, RawBodyReader
from app.api.problems import MEDIA_TYPE, PROBLEMS
from app.api.streamed_bodies import StreamReader
from app.api.validation import MOST_ERRORS

EXAMPLES: Final = Path(__file__).parents[2] / "openapi" / "examples"
"""`<operation id>.json`: `{"request": …, "response": …}`, either of them alone, too."""

_REF: Final = "#/components/schemas/"
_SECURITY: Final = "accessToken"
_FASTAPI_ERRORS: Final = ("HTTPValidationError", "ValidationError")
_TEXT: Final = {"type": "string"}

_PROBLEM: Final = {
    "title": "Problem",
    "description": "A problem document (RFC 9457). `code` is stable; problems.json lists all of them.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": {"type": "string", "format": "uri"},
        "code": {"type": "string", "enum": list(PROBLEMS)},
        "errors": {
            "type": "array",
            "maxItems": MOST_ERRORS,
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {"pointer": _TEXT, "code": _TEXT, "detail": _TEXT},
            },
        },
        "errors_total": {"type": "integer"},
    },
}

_MEANINGS: Final = {
    400: "The body broke off, or cannot be unpacked or taken apart.",
    401: "No access token, or not a valid one.",
    403: "The role or the mandate does not allow this; `code` says which.",
    404: "There is nothing here that this caller may see.",
    409: "It contradicts the present state, or the first request with this key is still running.",
    413: "The body is too large.",
    415: "The content type or content encoding is not accepted.",
    422: "The request does not fit the contract; `errors` says where.",
    429: "The quota of the party is used up for now; Retry-After says for how many seconds.",
    503: "No answer can be trusted now; repeat it, a write with the same Idempotency-Key.",
}


_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Same key and same body: the same answer, for ever. post_objection requires it.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


@dataclass(frozen=True, slots=True)
class _Operation:
    """A route in one of its methods, with the dependencies it has anywhere below it."""

    route: RouteContext
    written: dict[str, Any]
    dependencies: tuple[Callable[..., Any], ...]

    @property
    def body(self) -> BodyReader[Any] | RawBodyReader | StreamReader | None:
        readers = (
            one for one in self.dependencies if isinstance(one, BodyReader | RawBodyReader | StreamReader)
        )
        return next(readers, None)

    @property
    def roles(self) -> list[str]:
        return sorted({str(role) for one in self.dependencies for role in getattr(one, "roles", ())})

    @property
    def writes(self) -> bool:
        return any(getattr(one, "writes", False) for one in self.dependencies)


def install(app: FastAPI, examples: Path = EXAMPLES) -> None:
    """Serve the document, the problems and the page; FastAPI's own pages load from a foreign host and are to
    be switched off. The document is made when it is first asked for, after every route was added."""

    @cache
    def document() -> dict[str, Any]:
        return describe(app, examples)

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to give an own document
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def read_openapi() -> Response:
        return Response(as_text(document()), media_type="application/json")

    @router.get("/problems.json")
    async def read_problems() -> Response:
        return Response(problems_text(), media_type="application/json")

    @router.get("/docs")
    async def read_docs() -> Response:
        return Response(docs_page.page(document()), headers=docs_page.HEADERS, media_type="text/html")

    @router.get("/docs/style.css")
    async def read_docs_style() -> Response:
        return Response(docs_page.STYLE, media_type="text/css")

    app.include_router(router)


def as_text(document: Any) -> str:
    """As it is committed and served, byte for byte."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def problems_text() -> str:
    """What is committed as openapi/problems.json."""
    table = [
        {"code": one.code, "status": one.status, "type": one.type, "title": one.title}
        for one in sorted(PROBLEMS.values(), key=lambda problem: problem.code)
    ]
    return as_text({"problems": table})


def describe(app: FastAPI, examples: Path = EXAMPLES) -> dict[str, Any]:
    """The OpenAPI document. An operation is called like its function; ValueError if two share a name."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    components = document.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    for name in _FASTAPI_ERRORS:
        schemas.pop(name, None)
    operations = list(_operations(app, document["paths"]))
    references = _add_bodies(operations, schemas)
    for operation in operations:
        _complete(operation, references)
        _add_example(operation.written, examples / f"{operation.written['operationId']}.json")
    _refuse_shared_ids([operation.written["operationId"] for operation in operations])
    components["schemas"] = dict(sorted((schemas | {"Problem": _PROBLEM}).items()))
    components["securitySchemes"] = {
        _SECURITY: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT (RFC 9068)"}
    }
    return document


def _operations(app: FastAPI, paths: dict[str, Any]) -> Iterator[_Operation]:
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or ()):
            written = paths.get(route.path_format or "", {}).get(method.lower())
            if written is not None and route.include_in_schema:
                yield _Operation(route, written, tuple(_calls(route.dependant)))


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for one in dependant.dependencies:
        if one.call is not None:
            yield one.call
        yield from _calls(one)


def _refuse_shared_ids(ids: list[str]) -> None:
    if shared := sorted({one for one in ids if ids.count(one) > 1}):
        raise ValueError(f"two routes have the same function name: {', '.join(shared)}")


def _add_bodies(operations: list[_Operation], schemas: dict[str, Any]) -> dict[Any, Any]:
    """The schemas of the bodies join those of the answers; what both have under one name but differently is
    named `…Request` in the bodies. Returns the reference to each."""
    models = sorted({one.body.model for one in operations if one.body and one.body.model}, key=str)
    keys, whole = models_json_schema(
        [(model, "validation") for model in models], ref_template=_REF + "{model}"
    )
    found: dict[str, Any] = whole.get("$defs", {})
    shared = found.keys() & schemas.keys()
    clash = any(found[name] != schemas[name] for name in shared)
    names = {name: f"{name}Request" for name in shared} if clash else {}
    schemas.update({names.get(name, name): _renamed(schema, names) for name, schema in found.items()})
    return {model: _renamed(reference, names) for (model, _), reference in keys.items()}


def _renamed(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed(one, names) for one in node]
    if not isinstance(node, dict):
        return node
    renamed = {key: _renamed(value, names) for key, value in node.items()}
    reference = renamed.get("$ref")
    if isinstance(reference, str):
        name = reference.removeprefix(_REF)
        renamed["$ref"] = _REF + names.get(name, name)
    return renamed


def _complete(operation: _Operation, references: dict[Any, Any]) -> None:
    written, body = operation.written, operation.body
    written["operationId"] = operation.route.name
    written["security"] = [{_SECURITY: []}] if operation.roles else []
    if operation.roles:
        written["x-roles"] = operation.roles
    if operation.writes:
        written.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    if body:
        schema = references[body.model] if body.model else _TEXT
        content = {one: {"schema": schema if one.endswith("/json") else _TEXT} for one in body.media}
        written["requestBody"] = {"required": True, "content": content}
    answers: dict[str, Any] = written["responses"]
    if _FASTAPI_ERRORS[0] in str(answers.get("422")):
        del answers["422"]
    problem = {MEDIA_TYPE: {"schema": {"$ref": _REF + "Problem"}}}
    for declared, answer in answers.items():
        if declared >= "4":
            answer.setdefault("content", problem)
    for status in _problem_statuses(operation):
        answers.setdefault(str(status), {"description": _MEANINGS[status], "content": problem})


def _problem_statuses(operation: _Operation) -> list[int]:
    parameters = operation.written.get("parameters", [])
    found: set[int] = set()
    if operation.roles:
        found |= {401, 403, 429, 503}
    if any(one["in"] == "path" for one in parameters):
        found |= {404}
    if operation.writes:
        found |= {409, 422}
    if operation.body:
        found |= {413, 415, 422} | ({400} if isinstance(operation.body, StreamReader) else set())
    return sorted(found | {422} if parameters else found)


def _add_example(written: dict[str, Any], path: Path) -> None:
    if not path.is_file():
        return
    example = json.loads(path.read_text(encoding="utf-8"))
    places: list[tuple[str, dict[str, Any]]] = [("request", written.get("requestBody", {}))]
    places += [("response", one) for status, one in written["responses"].items() if status.startswith("2")][
        :1
    ]
    for part, place in places:
        for content in list(place.get("content", {}).values())[:1]:
            if part in example:
                content["example"] = example[part]
