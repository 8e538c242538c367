"""Whether a JSON value fits a schema of the document (JSON Schema 2020-12, as far as it is used there)."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
SAYS_NOTHING = {"title", "description", "default", "examples", "discriminator"}
"""Keywords that constrain no value."""
FORMATS: dict[str, Callable[[str], object]] = {
    "uuid": UUID,
    "date-time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "uri": str,
}


class UnknownKeywordError(Exception):
    """The document has come to use a keyword that nobody checks here."""


def misfits(document: Any, schema: Any, value: Any, at: str = "$") -> Iterator[str]:
    """Every place at which the value does not fit."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        yield from misfits(document, document["components"]["schemas"][name], value, at)
    for keyword, wanted in schema.items():
        if keyword in SAYS_NOTHING or keyword == "$ref":
            continue
        if keyword not in KEYWORDS:
            raise UnknownKeywordError(keyword)
        for wrong in KEYWORDS[keyword](document, schema, wanted, value, at):
            yield f"{at}: {keyword} {wrong}" if wrong is value else str(wrong)


def _type(_document: Any, _schema: Any, wanted: str, value: Any, _at: str) -> Iterator[Any]:
    number = isinstance(value, bool) and wanted != "boolean"
    if number or not isinstance(value, TYPES[wanted]):
        yield value


def _one_of(document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> Iterator[Any]:
    if all(list(misfits(document, one, value, at)) for one in wanted):
        yield value


def _properties(document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> Iterator[Any]:
    for name in wanted.keys() & (value.keys() if isinstance(value, dict) else set()):
        yield from misfits(document, wanted[name], value[name], f"{at}.{name}")


def _others(document: Any, schema: Any, wanted: Any, value: Any, at: str) -> Iterator[Any]:
    others = value.keys() - schema.get("properties", {}).keys() if isinstance(value, dict) else set()
    for name in others:
        if wanted is False:
            yield f"{at}: has {name}"
        elif isinstance(wanted, dict):
            yield from misfits(document, wanted, value[name], f"{at}.{name}")


def _required(_document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> Iterator[Any]:
    missing = set(wanted) - value.keys() if isinstance(value, dict) else set()
    yield from (f"{at}: lacks {name}" for name in sorted(missing))


def _items(document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> Iterator[Any]:
    for index, item in enumerate(value if isinstance(value, list) else []):
        yield from misfits(document, wanted, item, f"{at}[{index}]")


def _format(_document: Any, _schema: Any, wanted: str, value: Any, _at: str) -> Iterator[Any]:
    try:
        FORMATS[wanted](value)
    except (ValueError, TypeError):
        yield value


def _unless(test: Any) -> Any:
    def keyword(_document: Any, _schema: Any, wanted: Any, value: Any, _at: str) -> Iterator[Any]:
        if not test(wanted, value):
            yield value

    return keyword


KEYWORDS: dict[str, Any] = {
    "type": _type,
    "anyOf": _one_of,
    "oneOf": _one_of,
    "properties": _properties,
    "additionalProperties": _others,
    "required": _required,
    "items": _items,
    "format": _format,
    "enum": _unless(lambda wanted, value: value in wanted),
    "const": _unless(lambda wanted, value: value == wanted),
    "pattern": _unless(lambda wanted, value: not isinstance(value, str) or re.search(wanted, value)),
    "maxLength": _unless(lambda wanted, value: not isinstance(value, str) or len(value) <= wanted),
    "minLength": _unless(lambda wanted, value: not isinstance(value, str) or len(value) >= wanted),
    "maxItems": _unless(lambda wanted, value: not isinstance(value, list) or len(value) <= wanted),
    "minItems": _unless(lambda wanted, value: not isinstance(value, list) or len(value) >= wanted),
    "minimum": _unless(lambda wanted, value: not isinstance(value, int) or value >= wanted),
    "maximum": _unless(lambda wanted, value: not isinstance(value, int) or value <= wanted),
}
