"""The document that is published is the one that the code makes."""

import json
import re
from pathlib import Path

import pytest

from app.api.documents import problems_text
from app.cli.checking import document
from tests.architecture.repository import ROOT
from tests.contract.examples import operations

GENERATED = {"openapi.json": document, "problems.json": problems_text}
FICTION = re.compile(r"\+4670174(06(0[5-9]|[1-9]\d))|\+468465004\d\d")
NUMBERS = re.compile(r"\+\d{8,}")


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_published_is_what_the_code_makes(name: str, *, write: bool) -> None:
    """`./sparr test tests/contract --write` writes it anew."""
    made, file = GENERATED[name](), ROOT / "openapi" / name
    if write:
        file.write_text(made)
    assert file.read_text() == made


def test_every_operation_and_every_schema_says_what_it_is() -> None:
    whole = json.loads(document())
    silent = [o["operationId"] for _, _, o in operations(whole) if len(o.get("description", "")) < 20]
    silent += [
        name
        for name, schema in whole["components"]["schemas"].items()
        if not schema.get("description") and "enum" not in schema
    ]
    assert silent == []


def test_no_schema_is_named_after_a_module() -> None:
    """Two models of one name would be told apart by their place in our code, which is nobody's business."""
    assert [name for name in json.loads(document())["components"]["schemas"] if "__" in name] == []


def test_a_write_says_that_it_takes_an_idempotency_key() -> None:
    for method, path, operation in operations(json.loads(document())):
        named = {one["name"] for one in operation.get("parameters", [])}
        writes = "409" in operation["responses"]
        assert ("Idempotency-Key" in named) == writes, (method, path)


def test_the_examples_name_nobody_real() -> None:
    texts = {path: path.read_text() for path in Path(ROOT / "openapi" / "examples").iterdir()}
    for path, text in texts.items():
        assert [n for n in NUMBERS.findall(text) if not FICTION.fullmatch(n)] == [], path.name
        assert set(re.findall(r"@([\w.-]+)", text.lower())) <= {"example.com"}, path.name
        personal = {digits.replace("-", "") for digits in re.findall(r"\b(?:19|20)\d{6}-?\d{4}\b", text)}
        assert personal <= {"199001012385", "200002292399", "196408233234"}, path.name
