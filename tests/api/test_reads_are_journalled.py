"""Whoever is shown a mandate and is not its agent leaves a trace on it: every route is walked."""

import re
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from tests.architecture.test_routes_have_authorisation import service
from tests.registry_driver import Driver, Json, Party

PURPOSE = "Complaint 2026-17"
ROUTES = sorted(
    str(route.path)
    for route in iter_route_contexts(service().routes)
    if "GET" in (route.methods or ())
    and re.search(r"\{mandate_id\}|/v1/mandates$|/objections/\{", str(route.path))
)
SHOWING_NO_MANDATE = {"/v1/objections/{objection_id}", "/v1/objections/{objection_id}/events"}
"""An objection names the mandate behind it by its id alone."""


@pytest.fixture(scope="module")
async def objection(registry: Driver, agent: Party, mandate: Json, desk: Party) -> Json:
    return await registry.objection(agent, mandate, [desk.id])


@pytest.fixture(scope="module")
async def desk(registry: Driver) -> Party:
    return await registry.controller("customer_service")


def test_there_are_routes_to_walk() -> None:
    assert len(ROUTES) > len(SHOWING_NO_MANDATE) + 5


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in SHOWING_NO_MANDATE])
async def test_a_reading_of_a_mandate_is_an_event_with_its_purpose(
    registry: Driver, mandate: Json, objection: Json, desk: Party, behind: Any, route: str
) -> None:
    path = route.replace("{mandate_id}", mandate["id"]).replace("{objection_id}", objection["id"])
    path += f"?controller_id={desk.id}" if path.endswith("/proof") else ""
    path += "?limit=1000" if path.endswith("/mandates") else ""
    reader = desk if "/proof" in path else await registry.staff("auditor")
    answer = await registry.get(path, reader, Sparr_Purpose=PURPOSE)
    assert answer.status_code == 200, answer.text
    row = await behind.fetchrow(
        "SELECT id, kind, actor_id FROM registry.event WHERE object_id = $1 AND kind LIKE 'mandate.%' "
        "ORDER BY id DESC LIMIT 1",
        mandate["id"],
    )
    assert row["kind"] in {"mandate.read", "mandate.evidence_read", "mandate.proven"}
    assert str(row["actor_id"]) == reader.id
    events = (
        await registry.get(f"/v1/mandates/{mandate['id']}/events?limit=1000", await registry.admin())
    ).json()
    (told,) = [one for one in events["items"] if one["id"] == str(row["id"])]
    assert told["detail"]["purpose"] == PURPOSE
