"""An agent reads its own mandates; an admin or auditor reads all, and each of their reads is journalled."""

from collections.abc import AsyncIterator
from secrets import token_hex
from typing import Any
from uuid import uuid4

import pytest

from app.storage.database import Database
from app.storage.sealed import unseal
from tests.direct import superuser
from tests.registry_driver import ANNA, EMAIL, PHONE, Driver, Json, Party

PURPOSE = "complaint 2026-17"


@pytest.fixture
async def behind(database_url: str) -> AsyncIterator[Any]:
    connection = await superuser(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def auditor(registry: Driver, behind: Any) -> Party:
    party_id = await behind.fetchval("SELECT id FROM registry.party WHERE kind = 'registry'")
    return await registry.credential(str(party_id), "auditor")


@pytest.fixture
async def agent(registry: Driver) -> Party:
    return await registry.agent()


async def got(registry: Driver, path: str, who: Party, **headers: str) -> Json:
    answer = await registry.get(path, who, **headers)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def paged(registry: Driver, path: str, who: Party, limit: int) -> list[Json]:
    """Every item of a list, by its cursors."""
    items: list[Json] = []
    cursor = ""
    for _ in range(50):
        page = await got(registry, f"{path}?limit={limit}{cursor}", who)
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = f"&cursor={page['next_cursor']}"
    raise AssertionError("the list does not end")


async def places_of(behind: Any, needle: str) -> list[str]:
    """The columns of all tables that hold these characters anywhere inside a value."""
    columns = await behind.fetch(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns c "
        "JOIN information_schema.tables USING (table_schema, table_name) "
        "WHERE table_schema IN ('registry', 'vault', 'ops') AND table_type = 'BASE TABLE' ORDER BY 1, 2, 3"
    )
    found = []
    for schema, table, column, kind in columns:
        held = column if kind == "bytea" else f"convert_to({column}::text, 'UTF8')"
        search = f"SELECT EXISTS (SELECT FROM {schema}.{table} WHERE position($1::bytea IN {held}) > 0)"  # noqa: S608 - names come from the catalogue
        if await behind.fetchval(search, needle.encode()):
            found.append(f"{schema}.{table}.{column}")
    return found


async def reads_of(behind: Any, database: Database, mandate: Json) -> list[tuple[str, str | None]]:
    rows = await behind.fetch(
        "SELECT id, actor_role, detail FROM registry.event "
        "WHERE kind = 'mandate.read' AND object_id = $1 ORDER BY id",
        mandate["id"],
    )
    assert {row["detail"] for row in rows} <= {"{}"}
    async with database.read() as unit:
        stated = await unseal(unit, [row["id"] for row in rows])
    return [(row["actor_role"], stated.get(row["id"], {}).get("purpose")) for row in rows]


async def test_an_agent_reads_what_it_was_answered(
    registry: Driver, agent: Party, behind: Any, database: Database
) -> None:
    mandate = await registry.mandate(agent)
    place = f"/v1/mandates/{mandate['id']}"
    assert await got(registry, place, agent) == mandate
    assert await got(registry, f"{place}/checks", agent) == {"items": mandate["checks"], "later": []}
    assert await reads_of(behind, database, mandate) == []


async def test_an_auditor_reads_every_mandate_and_each_read_is_journalled_with_its_purpose(
    registry: Driver, agent: Party, auditor: Party, behind: Any, database: Database
) -> None:
    mandate = await registry.mandate(agent)
    place = f"/v1/mandates/{mandate['id']}"
    assert await got(registry, place, auditor, Sparr_Purpose=PURPOSE) == mandate
    await got(registry, f"{place}/checks", auditor)
    await got(registry, f"{place}/events", await registry.admin(), Sparr_Purpose="x" * 600)
    expected = [("auditor", PURPOSE), ("auditor", None), ("admin", "x" * 500)]
    assert await reads_of(behind, database, mandate) == expected


async def test_a_mandate_that_is_read_in_a_list_is_read(
    registry: Driver, agent: Party, auditor: Party, behind: Any, database: Database
) -> None:
    mandates = [await registry.mandate(agent) for _ in range(3)]
    shown = await paged(registry, "/v1/mandates", auditor, 1000)
    assert {one["id"] for one in mandates} <= {one["id"] for one in shown}
    assert [await reads_of(behind, database, one) for one in mandates] == [[("auditor", None)]] * 3


async def test_another_agents_mandate_is_answered_exactly_like_an_unknown_one(
    registry: Driver, agent: Party
) -> None:
    foreign, other = await registry.mandate(agent), await registry.agent()
    for path in ("", "/checks", "/events"):
        answers = [await registry.get(f"/v1/mandates/{id_}{path}", other) for id_ in (foreign["id"], uuid4())]
        problems = [answer.json() for answer in answers]
        assert all(problem.pop("instance") for problem in problems)
        assert [answer.status_code for answer in answers] == [404, 404]
        assert problems[0] == problems[1]
        assert problems[0]["code"] == "MANDATE_NOT_FOUND"
    assert (await got(registry, "/v1/mandates", other))["items"] == []


async def test_nobody_else_reads_mandates(registry: Driver, agent: Party) -> None:
    mandate = await registry.mandate(agent)
    controller = await registry.controller()
    others = [controller, await registry.credential(controller.id, "customer_service")]
    for other in [*others, await registry.source(), await registry.processor(controller)]:
        for path in ("", f"/{mandate['id']}", f"/{mandate['id']}/checks", f"/{mandate['id']}/events"):
            answer = await registry.get(f"/v1/mandates{path}", other)
            assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_a_list_of_mandates_is_paged_without_a_gap_or_a_repetition(
    registry: Driver, agent: Party, limit: int
) -> None:
    made = [(await registry.mandate(agent))["id"] for _ in range(7)]
    assert [one["id"] for one in await paged(registry, "/v1/mandates", agent, limit)] == sorted(made)


async def test_mandates_received_at_the_same_moment_all_stand_in_the_list(
    registry: Driver, agent: Party, behind: Any
) -> None:
    """Ids are strictly ordered where times are not: thousands of rows share a time after an import."""
    first = await registry.mandate(agent)
    await behind.execute(
        """
        WITH copied AS (
            INSERT INTO registry.mandate
            SELECT gen_random_uuid(), agent_id, subject, rights, controllers, channels, valid_from, valid_to,
                   signed_at, template, keep_if_unknown, claims_digest, evidence_kind, level, received_at,
                   sealed_id, event_id
            FROM registry.mandate, generate_series(1, 9) WHERE id = $1 RETURNING id, received_at, event_id)
        INSERT INTO registry.mandate_state SELECT id, 1, 'active', received_at, event_id FROM copied
        """,
        first["id"],
    )
    found = [one["id"] for one in await paged(registry, "/v1/mandates", agent, 3)]
    assert (len(found), found) == (10, sorted(set(found)))


async def test_a_cursor_that_was_not_given_out_is_refused(registry: Driver, agent: Party) -> None:
    mandates = [await registry.mandate(agent) for _ in range(2)]
    page = await got(registry, "/v1/mandates?limit=1", agent)
    for path in ("?cursor=abc", f"/{mandates[0]['id']}/events?cursor={page['next_cursor']}"):
        answer = await registry.get(f"/v1/mandates{path}", agent)
        assert (answer.status_code, answer.json()["code"]) == (422, "BAD_CURSOR")


async def test_the_events_of_a_mandate_tell_who_did_what(
    registry: Driver, agent: Party, auditor: Party
) -> None:
    mandate = await registry.mandate(agent)
    place = f"/v1/mandates/{mandate['id']}"
    await got(registry, place, auditor, Sparr_Purpose=PURPOSE)
    events = (await got(registry, f"{place}/events", auditor))["items"]
    assert [(e["kind"], e["outcome"], e["actor_role"]) for e in events] == [
        ("mandate.registered", "done", "agent"),
        ("mandate.read", "done", "auditor"),
    ]
    assert events[0]["id"] == mandate["event_id"]
    detail = events[0]["detail"]
    assert (detail["state"], detail["level"], detail["evidence"]) == ("active", 1, "agent_jws")
    assert detail["checks"] == {check["code"]: check["outcome"] for check in mandate["checks"]}
    assert events[1]["detail"] == {"purpose": PURPOSE}


async def test_an_agent_sees_that_it_is_looked_into_and_not_why(
    registry: Driver, agent: Party, auditor: Party
) -> None:
    mandate = await registry.mandate(agent)
    place = f"/v1/mandates/{mandate['id']}"
    await got(registry, place, auditor, Sparr_Purpose=PURPOSE)
    read = (await got(registry, f"{place}/events", agent))["items"][1]
    assert (read["kind"], read["actor_role"], read["detail"]) == ("mandate.read", "auditor", {})


@pytest.mark.parametrize("limit", [1, 2])
async def test_a_reader_with_short_pages_does_not_follow_its_own_trace_for_ever(
    registry: Driver, agent: Party, auditor: Party, limit: int
) -> None:
    place = f"/v1/mandates/{(await registry.mandate(agent))['id']}"
    for _ in range(3):
        await got(registry, place, auditor)
    events = await paged(registry, f"{place}/events", auditor, limit)
    assert [event["kind"] for event in events] == ["mandate.registered", *["mandate.read"] * 3]


async def test_nothing_plain_of_a_person_stands_anywhere_in_the_database(
    registry: Driver, agent: Party, behind: Any
) -> None:
    secrets = {"name": f"Test {token_hex(6)}", "reference": f"ref {token_hex(6)}"}
    phone, email = {"type": "phone", "value": PHONE}, {"type": "email", "value": EMAIL}
    mandate = await registry.mandate(
        agent,
        grantor={**ANNA, "value": "19900101-2385", "name": secrets["name"]},
        identifiers=[phone, email],
        reference=secrets["reference"],
    )
    digest = mandate["claims_digest"].removeprefix("sha256:")
    needles = ["199001012385", "19900101-2385", "9001012385", "46701740605", EMAIL, digest, *secrets.values()]
    assert "registry.mandate.id" in await places_of(behind, mandate["id"])
    assert [place for needle in needles for place in await places_of(behind, needle)] == []


async def test_what_is_erased_is_gone_from_the_answers_and_the_mandate_stands(
    registry: Driver, agent: Party, behind: Any
) -> None:
    other = {"type": "personal_number", "value": "200002292399", "country": "SE"}
    mandate = await registry.mandate(agent, grantor=other)
    await behind.execute(
        "DELETE FROM vault.subject_key WHERE subject = (SELECT subject FROM registry.mandate WHERE id = $1)",
        mandate["id"],
    )
    shown = await got(registry, f"/v1/mandates/{mandate['id']}", agent)
    erased = [{**one, "canonical": None, "erased": True} for one in mandate["identifiers"]]
    assert shown == {**mandate, "identifiers": erased, "reference": None, "claims_digest": None}
