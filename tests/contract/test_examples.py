"""Every operation of the document has an example, and what the example says is what happens."""

import json
from typing import Any

import pytest

from app.api.schemas.lookup_streams import LISTS
from app.cli.checking import document
from tests.contract.conftest import Washers
from tests.contract.examples import FOLDER, file_of, operations, read, write_answer
from tests.contract.shapes import misfits
from tests.contract.world import furnish
from tests.registry_driver import Driver, Json


def published() -> Json:
    found: Json = json.loads(document())
    return found


OPERATIONS = [
    pytest.param(method, path, operation, id=operation["operationId"])
    for method, path, operation in operations(published())
]


@pytest.fixture(scope="module")
def whole() -> Json:
    return published()


def schema_of(part: Json) -> Any:
    return next(iter(part["content"].values()))["schema"]


def answer_schema(operation: Json, status: int) -> Any:
    """A route has one answer, whichever 2xx it comes with (200 instead of 201: it was there already)."""
    good = [one for code, one in operation["responses"].items() if code.startswith("2")]
    return schema_of(operation["responses"].get(str(status), good[0]))


def test_every_operation_has_an_example_and_every_example_an_operation(whole: Json) -> None:
    wanted = {file_of(operation).name for _, _, operation in operations(whole)}
    assert {path.name for path in FOLDER.iterdir()} == wanted


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
async def test_an_example_that_is_sent_is_answered_as_the_document_says(
    method: str,
    path: str,
    operation: Json,
    registry: Driver,
    laundry: Washers,
    whole: Json,
    keep_journal: Any,
    *,
    write: bool,
) -> None:
    world = await furnish(registry, laundry)
    if "journal" in path:
        await keep_journal()
    answer = await world.send(method, path, operation, world.real(read(operation).get("request")))
    assert str(answer.status_code) in {s for s in operation["responses"] if s.startswith("2")}, answer.text
    is_text = answer.headers["content-type"].partition(";")[0] in {*LISTS, "text/plain"}
    said = answer.text if is_text else answer.json()
    assert list(misfits(whole, answer_schema(operation, answer.status_code), said)) == []
    if write and "journal" not in path:  # Hashes and signatures of an example must fit each other.
        write_answer(operation, said, world.counterparts)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_an_example_fits_what_the_document_says(method: str, path: str, operation: Json, whole: Json) -> None:
    example = read(operation)
    assert ("request" in example) == ("requestBody" in operation), (method, path)
    if "request" in example:
        assert list(misfits(whole, schema_of(operation["requestBody"]), example["request"])) == []
    assert list(misfits(whole, answer_schema(operation, 200), example["response"])) == []
