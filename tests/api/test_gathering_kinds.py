"""Entries, consents and relationships that wait together, also at one controller and of one person."""

import asyncio
import hashlib
from secrets import token_hex
from typing import Any

import pytest

from tests.registry_driver import GIVEN, Driver, Json, Party, email, objection

OCCURRED = "2026-11-01T12:00:00.25+02:00"


@pytest.fixture
async def desk(registry: Driver) -> Party:
    return await registry.controller("customer_service")


def consent(identifier: Json) -> Json:
    return {"identifier": identifier, "channels": ["email"], "purposes": ["marketing"], **GIVEN}


async def transactions(behind: Any, made: list[Json]) -> int:
    sql = "SELECT count(DISTINCT xmin::text) FROM registry.event WHERE id = ANY($1::uuid[])"
    return int(await behind.fetchval(sql, [one["event_id"] for one in made]))


async def test_entries_that_wait_are_in_force_each_with_its_position(
    registry: Driver, desk: Party, behind: Any
) -> None:
    people = [email() for _ in range(40)]
    answers = await asyncio.gather(*(registry.enter(desk, one) for one in people))
    assert {answer.status_code for answer in answers} == {201}
    made = [answer.json() for answer in answers]
    positions = sorted(int(one["as_of"].partition(".")[0]) for one in made)
    assert positions == list(range(positions[0], positions[0] + 40))
    assert await transactions(behind, made) <= 20
    found = await registry.look_up(desk, *people, channel="email")
    assert {result["decision"] for result in found["results"]} == {"block"}


async def test_an_entry_of_a_group_is_answered_as_it_is_read_later(registry: Driver, desk: Party) -> None:
    hashed = {"type": "email", "sha256": hashlib.sha256(token_hex(8).encode()).hexdigest()}
    told: list[Json] = [
        {"kind": "dnc", "identifier": email(), "occurred_at": OCCURRED, "reference": "call 18"},
        {"kind": "channel_optout", "identifier": email(), "channels": ["sms", "email"]},
        {"kind": "service_unsub", "identifier": email(), "service_id": "weekly"},
        {"kind": "dnc", "identifier": hashed},
    ]
    answers = await asyncio.gather(*(registry.post("/v1/entries", body, desk) for body in told))
    for answer in answers:
        assert answer.status_code == 201, answer.text
        assert (await registry.get(f"/v1/entries/{answer.json()['id']}", desk)).json() == answer.json()
    found = (await registry.look_up(desk, hashed, channel="email"))["results"]
    assert found[0]["decision"] == "block"


async def test_the_same_wish_among_those_that_wait_is_one_entry(registry: Driver, desk: Party) -> None:
    person = email()
    answers = await asyncio.gather(*(registry.enter(desk, person) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await registry.enter(desk, person, "channel_optout", channels=["sms"])
    assert other.status_code == 201


async def test_what_cannot_be_read_among_entries_is_refused_alone(registry: Driver, desk: Party) -> None:
    nobody = {"type": "email", "value": "nobody"}
    given = [email() if n % 3 else nobody for n in range(12)]
    answers = await asyncio.gather(*(registry.enter(desk, one) for one in given))
    assert [answer.status_code for answer in answers] == [201 if n % 3 else 422 for n in range(12)]
    assert answers[0].json()["code"] == "INVALID_IDENTIFIER"


async def test_consents_and_relationships_that_wait_are_written_together(
    registry: Driver, desk: Party, agent: Party, mandate: Json, behind: Any
) -> None:
    other, objected = await registry.controller("customer_service"), email()
    said = objection(mandate["id"], [desk.id]) | {"identifiers": [objected]}
    await registry.post("/v1/objections", said, agent, Idempotency_Key=token_hex(8))
    people = [objected, *(email() for _ in range(9))]
    member = {"kind": "member", "since": "2026-01-01T00:00:00Z"}
    posts = [registry.post("/v1/consents", consent(one), who) for one in people for who in (desk, other)]
    posts += [registry.post("/v1/relationships", {"identifier": one, **member}, desk) for one in people]
    answers = await asyncio.gather(*posts, registry.post("/v1/consents", consent(people[1]), desk))
    assert [answer.status_code for answer in answers[:-1]] == [201] * 30
    assert answers[-1].status_code == 200
    made = [answer.json() for answer in answers[:-1]]
    assert await transactions(behind, made) <= 15
    conflicts = [bool(one["conflicts"]) for one in made[:20:2]]
    assert conflicts == [True] + [False] * 9
    found = await registry.look_up(other, *people, channel="email")
    assert {result["decision"] for result in found["results"]} == {"allow"}


async def test_two_kinds_about_one_person_are_told_one_after_the_other(
    registry: Driver, desk: Party, agent: Party, mandate: Json
) -> None:
    person = email()
    said = objection(mandate["id"], [desk.id]) | {"identifiers": [person]}
    answers = await asyncio.gather(
        registry.enter(desk, person),
        registry.post("/v1/consents", consent(person), desk),
        registry.post("/v1/objections", said, agent, Idempotency_Key=token_hex(8)),
    )
    assert {answer.status_code for answer in answers} == {201}
    positions = {int(answer.json()["as_of"].partition(".")[0]) for answer in answers}
    assert len(positions) == 3
    found = (await registry.look_up(desk, person, channel="email"))["results"]
    assert found[0]["decision"] == "block"
