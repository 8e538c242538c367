"""The API describes itself as it is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.api.documents import as_text, describe
from tests.api.edges.service import Service


@pytest.fixture
async def document(service: Service) -> Any:
    return (await service.client.get("/openapi.json")).json()


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def test_a_body_is_described_though_fastapi_never_sees_it(document: Any) -> None:
    write = document["paths"]["/v1/notes"]["post"]
    (content,) = write["requestBody"]["content"].values()
    assert content["schema"] == {"$ref": "#/components/schemas/NoteRequest"}
    assert write["requestBody"]["required"] is True
    schema = document["components"]["schemas"]["NoteRequest"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["recipients"]["maxItems"] == 50_000


def test_a_body_in_lines_is_described_as_both_of_its_types(document: Any) -> None:
    content = document["paths"]["/v1/lines"]["post"]["requestBody"]["content"]
    assert content["application/json"]["schema"]["$ref"].startswith("#/components/schemas/Note")
    assert content["application/x-ndjson"]["schema"] == {"type": "string"}


def test_every_reference_leads_somewhere(document: Any) -> None:
    defined = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= defined


def test_a_route_with_a_caller_needs_a_token_and_names_its_roles(document: Any) -> None:
    write, listing = document["paths"]["/v1/notes"]["post"], document["paths"]["/v1/notes"]["get"]
    assert write["security"] == [{"accessToken": []}]
    assert write["x-roles"] == ["admin", "sender"]
    assert document["components"]["securitySchemes"]["accessToken"]["scheme"] == "bearer"
    assert listing["security"] == []


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/v1/notes", "post", ["401", "403", "409", "413", "415", "422", "429", "503"]),
        ("/v1/notes/{note_id}", "get", ["401", "403", "404", "422", "429", "503"]),
        ("/v1/notes", "get", ["422"]),
        ("/livez", "get", []),
    ],
)
def test_an_operation_lists_the_problems_that_it_can_end_in(
    path: str, method: str, statuses: list[str], document: Any
) -> None:
    responses = document["paths"][path][method]["responses"]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert sorted(status for status in responses if responses[status].get("content") == problem) == statuses


def test_an_operation_is_called_like_its_function(document: Any) -> None:
    ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert {"write_note", "read_note", "livez", "describe_registry"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_two_functions_of_one_name_are_refused() -> None:
    app = FastAPI(openapi_url=None)
    for path in ("/a", "/b"):

        @app.get(path)
        async def same() -> None: ...

    with pytest.raises(ValueError, match="same"):
        describe(app)


def test_nothing_of_fastapis_own_errors_is_left(document: Any) -> None:
    assert "HTTPValidationError" not in json.dumps(document)


def test_an_example_stands_where_it_belongs(service: Service, tmp_path: Path) -> None:
    example = {"request": {"reference": "A"}, "response": {"reference": "A", "at": None}}
    (tmp_path / "write_note.json").write_text(json.dumps(example))
    write = describe(service.app, tmp_path)["paths"]["/v1/notes"]["post"]
    assert write["requestBody"]["content"]["application/json"]["example"] == example["request"]
    assert write["responses"]["200"]["content"]["application/json"]["example"] == example["response"]


async def test_the_served_document_is_the_one_that_would_be_committed(service: Service) -> None:
    served = await service.client.get("/openapi.json")
    assert served.text == as_text(describe(service.app))


async def test_the_page_lists_every_operation_and_loads_nothing_from_elsewhere(
    service: Service, document: Any
) -> None:
    answer = await service.client.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert [one for one in ids if f'<section id="{one}">' not in answer.text] == []
    assert "For: admin, sender." in answer.text
    assert "&lt;angles&gt;" in answer.text
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert re.findall(r'(?:href|src)="(?!#|/)', answer.text) == []


async def test_the_page_may_use_its_own_style_and_nothing_else(service: Service) -> None:
    policy = (await service.client.get("/docs")).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    style = await service.client.get("/docs/style.css")
    assert style.headers["content-type"].startswith("text/css")


async def test_every_link_inside_the_page_has_its_target(service: Service) -> None:
    page = (await service.client.get("/docs")).text
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert {link for link in re.findall(r'href="#([^"]+)"', page) if link not in targets} == set()


async def test_the_problems_are_served_as_they_are_published(service: Service) -> None:
    codes = [one["code"] for one in (await service.client.get("/problems.json")).json()["problems"]]
    assert codes == sorted(codes)
    assert "MANDATE_SCOPE" in codes
