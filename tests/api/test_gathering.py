"""Group commit: what waits together is written together, and nobody notices but the disk."""

import asyncio
from secrets import token_hex
from typing import Any

import httpx2
import pytest

from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party, email, objection

OBJECTED = ("block", "OBJ_DM")


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def one(mandate: Json, controller: Party, **fields: Any) -> Json:
    """An objection of somebody whom no other objection knows."""
    return objection(mandate["id"], [controller.id]) | {"identifiers": [email()], **fields}


async def post(registry: Driver, agent: Party, body: Json, key: str | None = None) -> httpx2.Response:
    return await registry.post("/v1/objections", body, agent, Idempotency_Key=key or token_hex(8))


async def transactions(behind: Any, answers: list[httpx2.Response]) -> int:
    """In how many transactions the events of these answers were written."""
    ids = [answer.json()["event_id"] for answer in answers]
    sql = "SELECT count(DISTINCT xmin::text) FROM registry.event WHERE id = ANY($1::uuid[])"
    return int(await behind.fetchval(sql, ids))


async def list_number(behind: Any, controller: Party) -> int:
    sql = "SELECT controller_no FROM registry.holder WHERE party_id = $1::uuid"
    return int(await behind.fetchval(sql, controller.id))


def position(answer: httpx2.Response) -> int:
    return int(answer.json()["as_of"].partition(".")[0])


async def test_what_waits_for_one_controller_is_answered_durable_and_in_a_few_transactions(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    asking = asyncio.Semaphore(4)

    async def said_and_asked(body: Json) -> tuple[httpx2.Response, tuple[str, str]]:
        key = token_hex(8)
        answer = await post(registry, agent, body, key)
        while answer.status_code == 503:  # A machine that is busy elsewhere: what the problem says to do.
            answer = await post(registry, agent, body, key)
        async with asking:
            found = await registry.code(sender, body["identifiers"][0], channel="email")
        return answer, found

    bodies = [one(mandate, sender) for _ in range(256)]
    told = await asyncio.wait_for(asyncio.gather(*map(said_and_asked, bodies)), 60)
    assert {answer.status_code for answer, _ in told} == {201}
    assert {found for _, found in told} == {OBJECTED}
    answers = [answer for answer, _ in told]
    first = min(map(position, answers))
    assert sorted(map(position, answers)) == list(range(first, first + 256))
    assert len({answer.json()["receipt"] for answer in answers}) == 256
    assert await transactions(behind, answers) <= 256 / 4


async def test_acts_at_many_controllers_are_written_together_too(
    registry: Driver, agent: Party, mandate: Json, behind: Any
) -> None:
    controllers = [await registry.controller() for _ in range(8)]
    bodies = [one(mandate, controller) for _ in range(4) for controller in controllers]
    answers = await asyncio.gather(*(post(registry, agent, body) for body in bodies))
    assert {answer.status_code for answer in answers} == {201}
    assert await transactions(behind, answers) <= len(bodies) / 2
    for controller in controllers:
        number = await list_number(behind, controller)
        sql = "SELECT version, event_id::text FROM registry.controller_version WHERE controller_no = $1"
        versions = {row["event_id"]: row["version"] for row in await behind.fetch(sql, number)}
        mine = [answer for answer in answers if answer.json()["event_id"] in versions]
        assert all(versions[answer.json()["event_id"]] == position(answer) for answer in mine)
        assert len(mine) == 4


async def test_an_objection_to_several_controllers_has_a_position_in_each_of_them(
    registry: Driver, agent: Party, mandate: Json
) -> None:
    controllers = [await registry.controller() for _ in range(3)]
    named = [[c.id for c in controllers], [controllers[1].id], [c.id for c in controllers[::-1]], "all"]
    bodies = [one(mandate, controllers[0], controllers=each) for each in named]
    answers = await asyncio.gather(*(post(registry, agent, body) for body in bodies))
    assert {answer.status_code for answer in answers} == {201}
    for body in bodies:
        assert await registry.code(controllers[1], body["identifiers"][0], channel="email") == OBJECTED


async def test_a_key_that_waits_twice_is_one_act(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    body, key = one(mandate, sender), token_hex(8)
    others = [post(registry, agent, one(mandate, sender)) for _ in range(20)]
    same = [post(registry, agent, body, key) for _ in range(20)]
    answers = await asyncio.gather(*(each for pair in zip(others, same, strict=True) for each in pair))
    done = [answer for answer in answers[1::2] if answer.status_code == 201]
    assert len({answer.content for answer in done}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in done) == 1
    left = [answer for answer in answers[1::2] if answer.status_code != 201]
    assert {refusal(answer) for answer in left} <= {(409, "IDEMPOTENCY_IN_PROGRESS")}
    assert {answer.status_code for answer in answers[::2]} == {201}
    number = await list_number(behind, sender)
    assert await behind.fetchval("SELECT count(*) FROM registry.entry WHERE controller_no = $1", number) == 22


async def test_the_same_will_twice_among_those_that_wait_is_one_objection(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    body = one(mandate, sender)
    answers = await asyncio.gather(*(post(registry, agent, body) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    made = next(answer.json() for answer in answers if answer.status_code == 201)
    assert {answer.json()["id"] for answer in answers} == {made["id"]}
    repeated = [answer.json() for answer in answers if answer.status_code == 200]
    assert {answer["duplicate_of"] for answer in repeated} == {made["id"]}


async def test_what_is_refused_among_many_is_refused_alone_journalled_and_repeated(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    nobody = objection(mandate["id"], ["org:0000000000"])
    unreadable = one(mandate, sender, identifiers=[{"type": "email", "value": "nobody"}])
    before = await behind.fetchval("SELECT count(*) FROM registry.event WHERE outcome <> 'done'")
    bodies = [body for _ in range(10) for body in (one(mandate, sender), nobody, unreadable)]
    keys = [token_hex(8) for _ in bodies]
    answers = await asyncio.gather(*(post(registry, agent, *each) for each in zip(bodies, keys, strict=True)))
    assert {answer.status_code for answer in answers[::3]} == {201}
    assert {refusal(answer) for answer in answers[1::3]} == {(403, "AUTH_CONTROLLER")}
    assert {refusal(answer) for answer in answers[2::3]} == {(422, "INVALID_IDENTIFIER")}
    ids = {answer.headers["x-request-id"] for answer in answers[1::3]}
    assert {answer.json()["instance"].removeprefix("urn:uuid:") for answer in answers[1::3]} == ids
    assert await behind.fetchval("SELECT count(*) FROM registry.event WHERE outcome <> 'done'") == before + 20
    again = await post(registry, agent, bodies[1], keys[1])
    assert again.content == answers[1].content
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_list_that_somebody_holds_holds_up_nobody_elses(
    registry: Driver, agent: Party, mandate: Json, sender: Party, database_url: str, behind: Any
) -> None:
    other, number = await registry.controller(), await list_number(behind, sender)
    holder = await superuser(database_url)
    await holder.execute("SELECT pg_advisory_lock(7229, $1)", number)
    held = [asyncio.ensure_future(post(registry, agent, one(mandate, sender))) for _ in range(5)]
    free = await asyncio.gather(*(post(registry, agent, one(mandate, other)) for _ in range(5)))
    both = asyncio.ensure_future(
        post(registry, agent, one(mandate, sender, controllers=[sender.id, other.id]))
    )
    await asyncio.sleep(0.1)
    assert {answer.status_code for answer in free} == {201}
    assert not any(each.done() for each in [*held, both])
    await holder.close()
    answers = await asyncio.wait_for(asyncio.gather(*held, both), 10)
    assert {answer.status_code for answer in answers} == {201}


@pytest.mark.parametrize("table", ["registry.controller_version", "vault.answer"])
async def test_when_the_connection_is_lost_everybody_is_told_and_nothing_is_done_twice(
    registry: Driver, agent: Party, mandate: Json, sender: Party, database_url: str, behind: Any, table: str
) -> None:
    """Killed in the middle of the group: nobody hangs, and the same keys end in one objection each."""
    holder = await superuser(database_url)
    await holder.execute("BEGIN")
    await holder.execute(f"LOCK TABLE {table} IN SHARE MODE")
    bodies, keys = [one(mandate, sender) for _ in range(12)], [token_hex(8) for _ in range(12)]
    waiting = [asyncio.ensure_future(post(registry, agent, *each)) for each in zip(bodies, keys, strict=True)]
    await asyncio.sleep(0.5)
    killed = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    while not all(each.done() for each in waiting):
        await behind.fetch(killed + " AND usename = 'sparr_api' AND datname = current_database()")
        await asyncio.sleep(0.1)
    await holder.close()
    answers = [each.result() for each in waiting]
    assert {refusal(answer) for answer in answers} == {(503, "FACTS_UNREADABLE")}
    assert all(answer.headers["retry-after"] == "1" for answer in answers)
    again = [await post(registry, agent, *each) for each in zip(bodies, keys, strict=True)]
    while not all(answer.status_code == 201 for answer in again):
        again = [await post(registry, agent, *each) for each in zip(bodies, keys, strict=True)]
    number = await list_number(behind, sender)
    assert await behind.fetchval("SELECT count(*) FROM registry.entry WHERE controller_no = $1", number) == 13


async def test_a_client_that_hangs_up_changes_nothing(
    registry: Driver, agent: Party, mandate: Json, sender: Party, database_url: str, behind: Any
) -> None:
    holder = await superuser(database_url)
    await holder.execute("BEGIN")
    await holder.execute("LOCK TABLE registry.objection IN SHARE MODE")
    bodies = [one(mandate, sender) for _ in range(4)]
    waiting = [asyncio.ensure_future(post(registry, agent, body)) for body in bodies]
    await asyncio.sleep(0.5)
    waiting[0].cancel()
    await asyncio.sleep(0.1)
    await holder.close()
    assert {answer.status_code for answer in await asyncio.gather(*waiting[1:])} == {201}
    for body in bodies:
        assert await registry.code(sender, body["identifiers"][0], channel="email") == OBJECTED
    assert await behind.fetchval("SELECT 1") == 1
