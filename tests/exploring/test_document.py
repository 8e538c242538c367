"""Requests made from the document alone (schemathesis): whatever is sent, what comes back is in the document.

Left out is the check that what fits a schema is accepted: rules between fields, such as which source may be
named, are in the descriptions, and 422 says which was broken.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.process.running import Running

pytestmark = [pytest.mark.xdist_group("process"), pytest.mark.timeout(7_200)]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
"""A 503 is a server error like any other here: this registry has all its facts."""


@dataclass
class Explored:
    url: str
    headers: Mapping[str, dict[str, str]]


@asynccontextmanager
async def parties(running: Running) -> AsyncIterator[dict[str, dict[str, str]]]:
    """Somebody of each role."""
    async with running.client() as client:
        registry = running.driver(client)
        controller, agent = await registry.controller(), await registry.agent()
        everybody = [
            controller,
            await registry.desk(controller),
            agent,
            await registry.source(),
            await registry.staff("admin"),
            await registry.staff("auditor"),
        ]
        yield {party.role: party.headers for party in everybody}


@pytest.fixture(scope="module")
async def explored(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Explored]:
    running = Running(tmp_path_factory.mktemp("explored") / "data")
    async with parties(running) as headers:
        yield Explored(running.url, headers)
    running.kill()


async def test_nothing_comes_back_that_the_document_does_not_say(explored: Explored, examples: int) -> None:
    schema = await asyncio.to_thread(schemathesis.openapi.from_url, f"{explored.url}/openapi.json")
    found: dict[str, str] = {}
    results: list[Any] = list(schema.get_all_operations())
    operations = [result.ok() for result in results]
    for operation in operations:
        try:
            await asyncio.to_thread(explore, operation, explored, examples)
        except BaseException as failed:  # noqa: BLE001 -- all of them are told at the end
            found[operation.label] = str(failed)
    assert len(operations) > 60
    assert found == {}


def explore(operation: Any, explored: Explored, examples: int) -> None:
    roles = operation.definition.raw.get("x-roles", [])
    headers = {"Sparr-Purpose": "exploring", **(explored.headers[roles[0]] if roles else {})}

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def once(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, headers=headers, timeout=30)

    once()
