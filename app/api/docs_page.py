"""The API as a page to read: plain HTML from the document, no script, nothing from another host."""

import json
from collections.abc import Iterable
from html import escape
from types import MappingProxyType
from typing import Any, Final

from app.api.problems import PROBLEMS

HEADERS: Final = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "Cache-Control": "no-cache",
    }
)

STYLE: Final = """\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8886; border-radius: .4rem; }
section { border-top: 1px solid #8886; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; }
tr { border-bottom: 1px solid #8883; }
nav ul { columns: 20rem; list-style: none; padding: 0; }
.method { font-weight: 600; }
.note { opacity: .75; }
"""

_BOUNDS: Final = MappingProxyType(
    {
        "minLength": "at least {} characters",
        "maxLength": "at most {} characters",
        "minItems": "at least {} items",
        "maxItems": "at most {} items",
        "minimum": "from {}",
        "maximum": "to {}",
        "pattern": "pattern {}",
        "default": "default {}",
    }
)


def page(document: dict[str, Any]) -> str:
    """The whole page for an OpenAPI document."""
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = document["components"]["schemas"]
    info = document["info"]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(info['title'])} API</title>",
        '<link rel="stylesheet" href="/docs/style.css"></head><body>',
        f"<h1>{escape(info['title'])} API, version {escape(info['version'])}</h1>",
        _paragraphs(info.get("description", "")),
        '<p>The same for a program: <a href="/openapi.json">openapi.json</a>, ',
        '<a href="/problems.json">problems.json</a>.</p>',
        _contents(operations),
        *(_operation(*one) for one in operations),
        "<section><h2>Schemas</h2>",
        *(_schema(name, schema) for name, schema in schemas.items()),
        "</section>",
        _problems(),
        "</body></html>",
    ]
    return "\n".join(parts)


def _contents(operations: Iterable[tuple[str, str, dict[str, Any]]]) -> str:
    items = (
        f'<li><a href="#{escape(one["operationId"])}">{method} {escape(path)}</a></li>'
        for method, path, one in operations
    )
    return f"<nav><ul>{''.join(items)}</ul></nav>"


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    roles = ", ".join(operation.get("x-roles", [])) or "everybody, without a token"
    return "\n".join(
        [
            f'<section id="{escape(operation["operationId"])}">',
            f'<h2><span class="method">{method}</span> <code>{escape(path)}</code></h2>',
            f"<p><strong>{escape(operation.get('summary', ''))}</strong></p>",
            _paragraphs(operation.get("description", "")),
            f'<p class="note">For: {escape(roles)}.</p>',
            _parameters(operation.get("parameters", [])),
            _contained("Request", operation.get("requestBody", {})),
            *(
                _contained(f"Answer {status}: {answer.get('description', '')}", answer)
                for status, answer in operation["responses"].items()
            ),
            "</section>",
        ]
    )


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [
        (
            f"<code>{escape(one['name'])}</code>",
            f"in the {escape(one['in'])}: {_type(one['schema'])}",
            "yes" if one.get("required") else "no",
            escape(one.get("description", "")),
        )
        for one in parameters
    ]
    return _table(("parameter", "type", "required", ""), rows) if rows else ""


def _contained(title: str, holder: dict[str, Any]) -> str:
    parts = []
    for media, content in holder.get("content", {}).items():
        parts.append(f"<p><code>{escape(media)}</code>: {_type(content.get('schema', {}))}</p>")
        if "example" in content:
            example = escape(json.dumps(content["example"], ensure_ascii=False, indent=2))
            parts.append(f"<pre>{example}</pre>")
    if not holder:
        return ""
    return f"<details><summary>{escape(title)}</summary>{''.join(parts)}</details>"


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (
            f"<code>{escape(field)}</code>",
            _type(one),
            "yes" if field in required else "no",
            escape(one.get("description", "")),
        )
        for field, one in schema.get("properties", {}).items()
    ]
    body = _table(("field", "type", "required", ""), rows) if rows else f"<p>{_type(schema)}</p>"
    description = _paragraphs(schema.get("description", ""))
    return (
        f'<details id="schema-{escape(name)}"><summary>{escape(name)}</summary>{description}{body}</details>'
    )


def _problems() -> str:
    rows = [
        (f'<code id="{one.code}">{one.code}</code>', str(one.status), escape(one.title))
        for one in PROBLEMS.values()
    ]
    table = _table(("code", "status", "meaning"), rows)
    return f'<section id="problems"><h2>Problems</h2>{table}</section>'


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words of HTML; a named one is a link to its table."""
    if "$ref" in schema:
        name = escape(str(schema["$ref"]).rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_type(one) for one in choices)
    if "enum" in schema or "const" in schema:
        words = schema.get("enum") or [schema["const"]]
        return " | ".join(f"<code>{escape(str(word))}</code>" for word in words)
    if schema.get("type") == "array":
        kind = f"list of {_type(schema.get('items', {}))}"
    else:
        kind = escape(" ".join(str(schema[key]) for key in ("type", "format") if key in schema)) or "anything"
    bounds = [text.format(schema[key]) for key, text in _BOUNDS.items() if schema.get(key) is not None]
    return f'{kind} <span class="note">({escape(", ".join(bounds))})</span>' if bounds else kind


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Cells are HTML already."""
    top = "".join(f"<th>{cell}</th>" for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(' '.join(one.split()))}</p>" for one in text.split("\n\n") if one.strip())
