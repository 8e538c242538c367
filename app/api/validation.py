"""What is wrong with a body or a parameter, told without repeating any of it.

A validation error of pydantic carries the input, and one for each wrong item: 100 kB of input can make a
5 MB answer. Here at most twenty leave, each with a pointer (RFC 6901), a code and a fixed text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

MOST_ERRORS: Final = 20

_DETAILS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "This field is required.",
        "extra_forbidden": "There is a field here that the contract does not know.",
        "model_type": "An object is expected.",
        "model_attributes_type": "An object is expected.",
        "dict_type": "An object is expected.",
        "list_type": "A list is expected.",
        "string_type": "A text is expected.",
        "bool_type": "true or false is expected.",
        "int_type": "A whole number is expected.",
        "int_parsing": "A whole number is expected.",
        "float_type": "A number is expected.",
        "none_required": "null is expected.",
        "string_too_short": "The text is too short.",
        "string_too_long": "The text is too long.",
        "string_pattern_mismatch": "The text has characters or a form that are not accepted here.",
        "too_short": "The list has too few items.",
        "too_long": "The list has too many items.",
        "greater_than": "The number is too small.",
        "greater_than_equal": "The number is too small.",
        "less_than": "The number is too large.",
        "less_than_equal": "The number is too large.",
        "literal_error": "Not one of the words that are accepted here.",
        "enum": "Not one of the words that are accepted here.",
        "union_tag_invalid": "Not one of the kinds that are accepted here.",
        "union_tag_not_found": "The field that names the kind is missing.",
        "uuid_type": "An id (UUID) is expected.",
        "uuid_parsing": "An id (UUID) is expected.",
        "date_type": "A date is expected, like 2026-11-21.",
        "date_from_datetime_parsing": "A date is expected, like 2026-11-21.",
        "time_format": "A time is expected, as in RFC 3339.",
        "time_without_offset": "The time has no offset from UTC.",
    }
)
_OTHERWISE: Final = "This value is not accepted here."

FieldError = dict[str, str]
"""`{"pointer", "code", "detail"}`."""


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """The first twenty errors, and how many there are."""

    first: list[FieldError]
    total: int


def field_error(kind: str, steps: Iterable[str | int]) -> FieldError:
    """One error. `kind` is pydantic's type of error; `steps` lead to the value."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    pointer = "".join(f"/{step}" for step in escaped)
    return {"pointer": pointer, "code": kind.upper(), "detail": _DETAILS.get(kind, _OTHERWISE)}


def body_errors(error: ValidationError, model: type[BaseModel], raw: bytes) -> FieldErrors:
    """The errors of a body that is JSON and does not fit `model`; pointers lead into that body."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    names, document = _names(model), from_json(raw)
    first = [
        field_error(one["type"], _steps(one["type"], one["loc"], names, document))
        for one in found[:MOST_ERRORS]
    ]
    return FieldErrors(first, len(found))


def parameter_errors(found: Sequence[Mapping[str, Any]]) -> FieldErrors:
    """The errors of parameters; pointers are `/query/limit`, `/path/id` or `/header/…`, names of ours. One
    that the contract does not know has a name of the sender's, and is told as `/query`."""
    first = [_parameter_error(one["type"], one["loc"]) for one in found[:MOST_ERRORS]]
    return FieldErrors(first, len(found))


def _parameter_error(kind: str, loc: Sequence[str | int]) -> FieldError:
    return field_error(kind, loc[:1] if kind == "extra_forbidden" else loc[:2])


def _steps(kind: str, loc: Sequence[str | int], names: frozenset[str], document: Any) -> list[str | int]:
    """The way to the value, without what pydantic adds for its unions, and without what only the sender has
    named: an unknown field is told by the place of its parent."""
    steps: list[str | int] = []
    here = document
    for step in loc[:-1] if kind == "extra_forbidden" else loc:
        if isinstance(step, int) and isinstance(here, list) and step < len(here):
            here = here[step]
            steps.append(step)
        elif isinstance(here, dict) and step in names and (step in here or kind == "missing"):
            here = here.get(step)
            steps.append(step)
    return steps


@lru_cache(maxsize=256)
def _names(model: type[BaseModel]) -> frozenset[str]:
    schema = model.model_json_schema()
    schemas = [schema, *schema.get("$defs", {}).values()]
    return frozenset(name for one in schemas for name in one.get("properties", {}))
